extension ExecutionPlan: CustomStringConvertible {
    /// The commands, one a line, with what they read and write, then the memory.
    public var description: String {
        var text = "plan: T \(steps), B \(batch), \(trains ? "training" : "inference")\n"
        text += "  #  phase     command\n"
        for (index, command) in commands.enumerated() {
            let number = String(repeating: " ", count: max(0, 3 - "\(index)".count)) + "\(index)"
            let phase = "\(command.phase)".padding(to: 9)
            text += "\(number)  \(phase) \(line(command))\n"
        }
        text += "arena: \(arenaCount) floats (\(megabytes(arenaCount))), "
        text += "without sharing \(megabytes(regions.values.reduce(0) { $0 + $1.count }))\n"
        text += "parameters: \(graph.parameterCount) (\(megabytes(graph.parameterCount)))\n"
        text += "FLOPs per run: \(flops)\n"
        return text
    }

    private func line(_ command: Command) -> String {
        let name: String
        switch command.operation {
        case .barrier: return "barrier"
        case .prepare(let node): name = "prepare \(graph.nodes[node].name)"
        case .forward(let node): name = "forward \(graph.nodes[node].name)"
        case .loss(let node): name = "loss \(graph.nodes[node].name)"
        case .sumGradients(let node): name = "sum gradients of \(graph.nodes[node].name)"
        case .backward(let node): name = "backward \(graph.nodes[node].name)"
        case .carry(let node): name = "carry \(graph.nodes[node].name)"
        }
        let reads = command.reads.map { self.name(of: $0) }.joined(separator: " ")
        let writes = command.writes.map { self.name(of: $0) }.joined(separator: " ")
        return name.padding(to: 24) + " \(reads) -> \(writes)"
    }

    /// A buffer's name in terms of layers.
    package func name(of id: BufferID) -> String {
        switch id {
        case .input(let index): graph.inputs[index].name
        case .output(let node): graph.nodes[node].name
        case .inputGradient(let node, let slot):
            "d\(graph.name(of: graph.nodes[node].inputs[slot]))"
        case .lossGradient(let node): "d\(graph.nodes[node].name)"
        case .buffer(let node, let index):
            "\(graph.nodes[node].name).\(graph.nodes[node].plan.buffers[index].name)"
        case .state(let node, let index):
            "\(graph.nodes[node].name).\(graph.nodes[node].plan.states[index].name)0"
        }
    }

    private func megabytes(_ floats: Int) -> String {
        let tenths = floats * 4 * 10 / 1_048_576
        return "\(tenths / 10).\(tenths % 10) MiB"
    }
}

extension String {
    /// The text with spaces up to a width.
    package func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
