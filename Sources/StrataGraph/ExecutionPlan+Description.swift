extension ExecutionPlan: CustomStringConvertible {
    /// The commands, one a line, with what they read and write, then the memory.
    public var description: String {
        var text = "plan: T \(steps), B \(batch), \(purpose), \(precision)\n"
        text += "  #  phase        FLOPs  command\n"
        for (index, command) in commands.enumerated() {
            let number = String(repeating: " ", count: max(0, 3 - "\(index)".count)) + "\(index)"
            let phase = "\(command.phase)".padding(to: 9)
            let total = flops(of: command).total
            let flops = (total > 0 ? magnitude(total) : "").padding(before: 8)
            text += "\(number)  \(phase) \(flops)  \(line(command))\n"
        }
        text += "arena: \(arenaCount) floats (\(megabytes(arenaCount))), "
        text += "without sharing \(megabytes(regions.values.reduce(0) { $0 + $1.count }))\n"
        text += "parameters: \(graph.parameterCount) (\(megabytes(graph.parameterCount)))\n"
        let kinds = flopsByKind
        text += "FLOPs per run: \(flops)"
        if purpose == .training {
            text += " (forward \(magnitude(kinds.forward)), gradients of data "
            text += "\(magnitude(kinds.data)), of weights \(magnitude(kinds.weights)))"
        }
        return text + "\n"
    }

    /// Three or more digits with a unit, `26.2 M`, or what is below a thousand: `950`, `0`.
    private func magnitude(_ value: Int) -> String {
        let units: [(Int, String)] = [(1_000_000_000, " G"), (1_000_000, " M"), (1000, " k")]
        guard let (unit, name) = units.first(where: { value >= $0.0 }) else { return "\(value)" }
        let tenths = value / (unit / 10)
        return "\(tenths / 10).\(tenths % 10)\(name)"
    }

    private func line(_ command: Command) -> String {
        let verb = names(of: command.operation).verb
        guard let layer = label(of: command.operation) else { return verb }
        let name = "\(verb) \(layer)"
        let reads = command.reads.map { self.name(of: $0) }.joined(separator: " ")
        let writes = command.writes.map { self.name(of: $0) }.joined(separator: " ")
        return name.padding(to: 24) + " \(reads) -> \(writes)"
    }

    /// What a command does and the layer that it concerns; a barrier concerns none.
    package func names(of operation: Command.Operation) -> (verb: String, layer: String?) {
        switch operation {
        case .barrier: ("barrier", nil)
        case .prepare(let node): ("prepare", graph.nodes[node].name)
        case .forward(let node): ("forward", graph.nodes[node].name)
        case .loss(let node): ("loss", graph.nodes[node].name)
        case .sumGradients(let node): ("sum gradients of", graph.nodes[node].name)
        case .backward(let node): ("backward", graph.nodes[node].name)
        case .carry(let node): ("carry", graph.nodes[node].name)
        }
    }

    /// The layer that a command concerns, with those behind it whose work is done in it: `lstm + drop`.
    package func label(of operation: Command.Operation) -> String? {
        switch operation {
        case .forward(let node), .backward(let node): graph.nodes[node].nameWithFused
        default: names(of: operation).layer
        }
    }

    /// A buffer's name in terms of layers.
    package func name(of id: BufferID) -> String {
        switch id {
        case .input(let index): graph.inputs[index].name
        case .output(let node): graph.nodes[node].name
        case .inputGradient(let node, let slot):
            "d\(graph.name(of: graph.nodes[node].inputs[slot]))"
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

    /// The text behind spaces up to a width: a number of a table.
    package func padding(before width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
