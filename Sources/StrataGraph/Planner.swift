public import StrataSchema

/// Turns a graph into commands and lays out their memory.
public enum Planner {
    /// Plans windows of T steps and B sequences.
    ///
    /// - Parameters:
    ///   - purpose: what is computed: outputs, losses, or losses and gradients.
    ///   - precision: what the products multiply.
    /// - Throws: `ConfigurationError` with code `.graph` where a network that is to be trained or
    ///   evaluated has no loss, `.outOfRange` where T or B is below 1, and `.limit` where a tensor
    ///   of the window would be larger than any memory.
    public static func plan(
        _ graph: Graph, steps: Int, batch: Int, for purpose: ExecutionMode,
        precision: Precision = .float32
    ) throws(ConfigurationError) -> ExecutionPlan {
        if purpose != .inference { try checkLoss(graph, for: purpose) }
        try checkSize(graph, steps: steps, batch: batch)
        let graph = try StoreDistinctRows.run(graph, steps: steps, batch: batch)
        let commands = CommandList(graph: graph, purpose: purpose, precision: precision)
            .commands()
        let memory = PlanMemory(
            graph: graph, steps: steps, batch: batch, precision: precision, commands: commands)
        let (regions, arenaCount) = memory.layout()
        return ExecutionPlan(
            graph: graph, steps: steps, batch: batch, purpose: purpose, precision: precision,
            commands: commands, regions: regions, arenaCount: arenaCount)
    }

    /// More numbers than this in one tensor cannot be meant: 4 TiB; below it no size overflows.
    private static let tensorLimit = 1 << 40

    private static func checkLoss(_ graph: Graph, for purpose: ExecutionMode)
        throws(ConfigurationError)
    {
        guard !graph.nodes.contains(where: { $0.lossLayer != nil }) else { return }
        let verb = purpose == .training ? "trained" : "evaluated"
        throw ConfigurationError([
            Diagnostic(
                .graph, path: ["network", "layers"],
                "the network has no loss, so it cannot be \(verb)",
                at: graph.nodes.last?.location, hint: "end it with a layer of type output")
        ])
    }

    private static func checkSize(_ graph: Graph, steps: Int, batch: Int)
        throws(ConfigurationError)
    {
        guard steps >= 1, batch >= 1 else {
            throw ConfigurationError([
                Diagnostic(
                    .outOfRange,
                    "a window needs at least one step and one sequence, not \(steps) and \(batch)")
            ])
        }
        let rows = steps.multipliedReportingOverflow(by: batch)
        let widths =
            graph.inputs.map { ("the input '\($0.name)'", $0.spec.rowStride) }
            + graph.nodes.map { node in
                let buffers = node.plan.buffers.map { $0.perRow + $0.perBlockRow + $0.perBatch }
                return (
                    "layer '\(node.name)'", max(node.plan.output.rowStride, buffers.max() ?? 0)
                )
            }
        for (name, width) in widths where rows.overflow || rows.partialValue > tensorLimit / width {
            throw ConfigurationError([
                Diagnostic(
                    .limit,
                    "\(steps) steps of \(batch) sequences with \(width) numbers each, as "
                        + "\(name) has, are more than any memory holds",
                    hint: graph.remedies)
            ])
        }
    }
}

/// The commands of a plan and what each reads and writes.
struct CommandList {
    let graph: Graph
    let purpose: ExecutionMode
    let precision: Precision
    private let needsGradient: [Bool]

    init(graph: Graph, purpose: ExecutionMode, precision: Precision) {
        self.graph = graph
        self.purpose = purpose
        self.precision = precision
        var needs: [Bool] = []
        for node in graph.nodes {
            let upstream = node.inputs.contains { value in
                if case .node(let source) = value { needs[source] } else { false }
            }
            needs.append(!node.plan.parameters.isEmpty || (upstream && node.plan.passesGradient))
        }
        needsGradient = needs
    }

    private var trains: Bool { purpose == .training }
    /// What forward writes where gradients are computed.
    private static let workspaces: Set<BufferSpec.Lifetime> = [.workspace, .workspaceForBackward]

    func commands() -> [Command] {
        var list = graph.nodes.indices.compactMap { prepare($0) }
        if !list.isEmpty { list.append(barrier(.prepare)) }
        let losses = graph.nodes.indices.filter {
            purpose != .inference && graph.nodes[$0].lossLayer != nil
        }
        for index in graph.nodes.indices where !losses.contains(index) {
            list += [forward(index), barrier(.forward)]
        }
        for index in losses { list += [loss(index), barrier(.loss)] }
        if trains {
            for index in graph.nodes.indices.reversed()
            where needsGradient[index] && !losses.contains(index) {
                if let sum = sumGradients(index) { list += [sum, barrier(.backward)] }
                list += [backward(index), barrier(.backward)]
            }
        }
        let carries = graph.nodes.indices.compactMap { carry($0) }
        return carries.isEmpty ? list : list + carries + [barrier(.carry)]
    }

    private func barrier(_ phase: Command.Phase) -> Command {
        Command(phase: phase, operation: .barrier, reads: [], writes: [])
    }

    private func buffers(_ index: Int, _ lifetimes: Set<BufferSpec.Lifetime>) -> [BufferID] {
        graph.nodes[index].plan.buffers.enumerated()
            .filter { lifetimes.contains($0.element.lifetime) }
            .filter { $0.element.isNeeded(in: precision) }
            .map { .buffer(node: index, index: $0.offset) }
    }

    /// What is packed for a node.
    private func prepared(_ index: Int) -> [BufferID] {
        var lifetimes: Set<BufferSpec.Lifetime> = [.prepared]
        if trains { lifetimes.insert(.preparedForBackward) }
        if trains, !inputGradients(index).isEmpty { lifetimes.insert(.preparedForInputGradient) }
        return buffers(index, lifetimes)
    }

    private func states(_ index: Int) -> [BufferID] {
        graph.nodes[index].plan.states.indices.map { .state(node: index, index: $0) }
    }

    private func inputs(_ index: Int) -> [BufferID] {
        graph.nodes[index].inputs.flatMap { value -> [BufferID] in
            switch value {
            case .input(let input): return [.input(input)]
            case .node(let node):
                let isTable = graph.nodes[node].plan.output.distinctRows != nil
                // With rows of a table come the tokens that name them.
                return [.output(node)] + (isTable ? inputs(node) : [])
            }
        }
    }

    private func prepare(_ index: Int) -> Command? {
        let writes = prepared(index)
        guard !writes.isEmpty else { return nil }
        return Command(phase: .prepare, operation: .prepare(index), reads: [], writes: writes)
    }

    private func forward(_ index: Int) -> Command {
        Command(
            phase: .forward, operation: .forward(index),
            reads: inputs(index) + states(index) + buffers(index, [.prepared]),
            writes: [.output(index)] + keptInPlace(index)
                + buffers(index, trains ? Self.workspaces : [.workspace])
                + buffers(index, [.forwardScratch]))
    }

    private func loss(_ index: Int) -> Command {
        Command(
            phase: .loss, operation: .loss(index),
            reads: inputs(index) + prepared(index),
            writes: buffers(index, trains ? [.lossScratch, .backwardScratch] : [.lossScratch])
                + (trains ? inputGradients(index) : []))
    }

    /// The gradients that the readers of a node's output write.
    private func gradientParts(_ index: Int) -> [BufferID] {
        graph.consumers(of: .node(index))
            .filter { needsGradient[$0.node] && graph.nodes[$0.node].plan.passesGradient }
            .map { .inputGradient(node: $0.node, slot: $0.slot) }
    }

    private func sumGradients(_ index: Int) -> Command? {
        let parts = gradientParts(index)
        guard parts.count > 1 else { return nil }
        return Command(
            phase: .backward, operation: .sumGradients(index), reads: parts, writes: [parts[0]])
    }

    private func backward(_ index: Int) -> Command {
        let node = graph.nodes[index]
        // A layer may turn both into gradients of something else where they are.
        let overwritten = [gradientParts(index)[0]] + buffers(index, Self.workspaces)
        var reads = prepared(index) + overwritten + states(index)
        if node.plan.backwardReads.contains(.input) { reads += inputs(index) }
        if node.plan.backwardReads.contains(.output) { reads.append(.output(index)) }
        return Command(
            phase: .backward, operation: .backward(index), reads: reads,
            writes: overwritten + buffers(index, [.backwardScratch]) + inputGradients(index))
    }

    /// The gradients that a node computes for its inputs.
    private func inputGradients(_ index: Int) -> [BufferID] {
        let node = graph.nodes[index]
        guard node.plan.passesGradient else { return [] }
        return node.inputs.enumerated().compactMap { slot, value in
            guard case .node(let source) = value, needsGradient[source] else { return nil }
            return .inputGradient(node: index, slot: slot)
        }
    }

    /// Where the values for the next window stand after forward, state by state.
    private func sources(_ index: Int) -> [BufferID] {
        let plan = graph.nodes[index].plan
        return plan.states.enumerated().map { place, state in
            switch state.source {
            case .output: return .output(index)
            case .buffer(let buffer):
                let isAbsent = !trains && plan.buffers[buffer].lifetime.servesGradientsOnly
                return isAbsent
                    ? .state(node: index, index: place) : .buffer(node: index, index: buffer)
            }
        }
    }

    /// The states that forward itself leaves as the next window needs them.
    private func keptInPlace(_ index: Int) -> [BufferID] {
        zip(states(index), sources(index)).filter { $0 == $1 }.map(\.0)
    }

    private func carry(_ index: Int) -> Command? {
        let moved = zip(states(index), sources(index)).filter { $0 != $1 }
        guard !moved.isEmpty else { return nil }
        return Command(
            phase: .carry, operation: .carry(index), reads: moved.map(\.1),
            writes: moved.map(\.0))
    }
}
