package import StrataGraph
package import StrataKernels

/// Runs a plan on a team: binds it to memory once, then does the same commands at every step.
///
/// ## Use
/// Fill ``tokens(ofInput:)`` or ``values(ofInput:)`` and the ``losses``, call ``begin``, then
/// ``execute`` on every worker of a team; the results are in ``output`` and ``losses``.
package final class Executor: @unchecked Sendable {
    package let plan: ExecutionPlan
    package let parameters: ParameterStore
    package let kernels: Kernels
    /// The gradients of all parameters, in the order of theirs; empty in a plan that does not train.
    package let gradients: Arena
    /// What each loss node compares with and computes, by node.
    package let losses: [Int: LossBuffers]

    private let arena: Arena
    private let maskArena: Arena
    let nodes: [NodeBuffers]
    /// The values of ``losses`` in the order of the network, in which their sums are added.
    private let lossesInOrder: [LossBuffers]
    // Found once, because a search or a cast allocates.
    private let lossLayers: [(any LossLayer)?]
    private let gradientParts: [[ExecutionPlan.Region]]
    private let addedGradients: [Range<Int>]
    private let phases: [[(index: Int, operation: Command.Operation)]]
    private var facts: RunFacts
    private var preparedVersion = -1
    private var needsPrepare = true

    /// Allocates everything that the plan needs; later only workers get their scratch memory, once.
    ///
    /// - Parameter weights: what weights are rounded to; other than float32 only for plans in float32 that
    ///   do not train. A plan in bfloat16 has its weights in bfloat16.
    package init(
        plan: ExecutionPlan, parameters: ParameterStore, kernels: Kernels = .best,
        weights: WeightPrecision = .float32
    ) throws(RuntimeError) {
        precondition(
            weights == .float32 || plan.purpose != .training, "what is trained is not rounded")
        self.plan = plan
        self.parameters = parameters
        self.kernels = kernels
        arena = try Arena(count: plan.arenaCount)
        maskArena = try Arena(count: plan.steps * plan.batch)
        gradients = try Arena(count: plan.purpose == .training ? parameters.count : 0)
        nodes = NodeBinder(
            plan: plan, parameters: parameters, gradients: gradients, base: arena.base
        ).nodes()
        var losses: [Int: LossBuffers] = [:]
        for (index, node) in plan.graph.nodes.enumerated()
        where node.lossLayer != nil && plan.purpose != .inference {
            losses[index] = try LossBuffers(
                rows: plan.blocks(ofNode: index).rows, stride: Self.targetStride(plan, index))
        }
        self.losses = losses
        lossesInOrder = plan.graph.nodes.indices.compactMap { losses[$0] }
        lossLayers = plan.graph.nodes.map(\.lossLayer)
        gradientParts = plan.graph.nodes.indices.map { index in
            plan.gradientParts(ofNode: index).compactMap { plan.regions[$0] }
        }
        addedGradients =
            plan.purpose == .training ? Self.addedGradients(of: parameters) : []
        phases = Command.Phase.allCases.map { phase in
            plan.commands.enumerated().filter { $0.element.phase == phase }
                .map { (index: $0.offset, operation: $0.element.operation) }
        }
        facts = RunFacts(
            mode: .inference, kernels: kernels, steps: plan.steps, batch: plan.batch,
            precision: plan.precision, weights: weights)
    }

    /// The gradients that are added to, in as few pieces as there are.
    private static func addedGradients(of parameters: ParameterStore) -> [Range<Int>] {
        parameters.entries.reduce(into: []) { ranges, entry in
            guard !entry.spec.overwritesGradient else { return }
            if let last = ranges.last, last.upperBound == entry.range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<entry.range.upperBound
            } else {
                ranges.append(entry.range)
            }
        }
    }

    /// The memory that an executor of a plan takes, in bytes, besides the parameters.
    package static func bytes(for plan: ExecutionPlan) -> Double {
        let nodes = plan.purpose == .inference ? [] : plan.graph.nodes
        let losses = nodes.indices.filter { nodes[$0].lossLayer != nil }.map { index in
            LossBuffers.bytes(
                rows: plan.blocks(ofNode: index).rows, stride: targetStride(plan, index))
        }
        let gradients = plan.purpose == .training ? plan.graph.parameterCount : 0
        let floats =
            Double(plan.arenaCount) + Double(plan.steps * plan.batch) + Double(gradients)
        return floats * Double(MemoryLayout<Float>.stride) + losses.reduce(0, +)
    }

    /// Floats from one dense target of a loss to the next; 0 where the data have classes alone.
    private static func targetStride(_ plan: ExecutionPlan, _ index: Int) -> Int {
        let graph = plan.graph
        return graph.comparesRows(index) ? graph.nodes[index].plan.output.rowStride : 0
    }

    // MARK: Before a run

    /// The tokens [T, B] of an input, to be filled; below 0: padding.
    package func tokens(ofInput index: Int) -> UnsafeMutableBufferPointer<Int32>? {
        guard plan.graph.inputs[index].spec.values == .tokens, let view = view(ofInput: index)
        else { return nil }
        return UnsafeMutableBufferPointer(start: view.tokens, count: view.rows)
    }

    /// The rows of a real input, to be filled.
    package func values(ofInput index: Int) -> TensorView? { view(ofInput: index) }

    private func view(ofInput index: Int) -> TensorView? {
        guard let region = plan.regions[.input(index)] else { return nil }
        let spec = plan.graph.inputs[index].spec
        return TensorView(
            base: arena.base + region.offset, spec: spec,
            rows: spec.rows(steps: plan.steps, batch: plan.batch))
    }

    /// The mask [T, B] of the next run, to be filled and announced to ``begin``.
    package var mask: UnsafeMutableBufferPointer<Float> {
        maskArena.buffer(0..<plan.steps * plan.batch)
    }

    /// Sets what the next run is for; to be called before the team executes it.
    package func begin(_ mode: ExecutionMode, randomKey: UInt64 = 0, isMasked: Bool = false) {
        precondition(
            mode != .inference || plan.purpose == .inference,
            "a plan for \(plan.purpose) computes no outputs")
        precondition(
            mode != .training || plan.purpose != .evaluation,
            "a plan for evaluation computes no gradients")
        let mask = isMasked ? UnsafePointer(maskArena.base) : nil
        facts.mask = mask
        facts.mode = mode
        facts.randomKey = randomKey
        needsPrepare = preparedVersion != parameters.version
        preparedVersion = parameters.version
        guard mode != .inference else { return }
        for (index, loss) in losses {
            // A mask has a number for each step, so it says nothing of vectors.
            loss.weigh(mask: plan.graph.nodes[index].plan.output.isSequence ? mask : nil)
        }
    }

    // MARK: The run

    /// Executes the plan as one worker; all workers of the team call this together.
    package func execute(_ worker: Worker) {
        if needsPrepare { run(.prepare, worker) }
        if facts.mode == .training {
            worker.span("clear gradients") {
                for range in addedGradients {
                    let mine = worker.share(of: range.count)
                    let start = gradients.base + range.lowerBound + mine.lowerBound
                    kernels.fill(start, value: 0, count: mine.count)
                }
            }
            worker.barrier()
        }
        run(.forward, worker)
        if facts.mode != .inference { run(.loss, worker) }
        if facts.mode == .training { run(.backward, worker) }
        run(.carry, worker)
    }

    private func run(_ phase: Command.Phase, _ worker: Worker) {
        for (index, operation) in phases[phase.rawValue] {
            guard let timeline = worker.timeline, operation != .barrier else {
                run(operation, worker)
                continue
            }
            let start = Timeline.now()
            run(operation, worker)
            timeline.recordCommand(index, from: start)
        }
    }

    private func run(_ operation: Command.Operation, _ worker: Worker) {
        switch operation {
        case .barrier: worker.barrier()
        case .prepare(let index):
            var facts = facts
            // A plan that trains may be evaluated first; its packed copies serve both.
            facts.mode = plan.purpose
            layer(index).prepare(PreparePass(node: nodes[index], facts: facts, worker: worker))
        case .forward(let index):
            layer(index).forward(ForwardPass(node: nodes[index], facts: facts, worker: worker))
        case .loss(let index): runLoss(index, worker)
        case .backward(let index):
            layer(index).backward(BackwardPass(node: nodes[index], facts: facts, worker: worker))
        case .sumGradients(let index): sumGradients(index, worker)
        case .carry(let index): carry(index, worker)
        }
    }

    private func layer(_ index: Int) -> any Layer { plan.graph.nodes[index].layer }

    private func runLoss(_ index: Int, _ worker: Worker) {
        guard let layer = lossLayers[index], let loss = losses[index],
            let rowLosses = loss.rowLosses.baseAddress, let weights = loss.rowWeights.baseAddress
        else { return }
        let classes = loss.classes.baseAddress.map { UnsafePointer($0) }
        layer.loss(
            LossPass(
                node: nodes[index], facts: facts, worker: worker,
                blocks: plan.blocks(ofNode: index),
                classes: loss.usesValues ? nil : classes,
                values: loss.usesValues ? UnsafePointer(loss.values.base) : nil,
                rowLosses: rowLosses, rowWeights: UnsafePointer(weights)))
    }

    private func sumGradients(_ index: Int, _ worker: Worker) {
        let parts = gradientParts[index]
        guard let first = parts.first else { return }
        let mine = worker.share(of: first.count)
        for part in parts.dropFirst() {
            kernels.add(
                arena.base + first.offset + mine.lowerBound,
                arena.base + part.offset + mine.lowerBound, count: mine.count)
        }
    }

    private func carry(_ index: Int, _ worker: Worker) {
        let (node, states) = (nodes[index], plan.graph.nodes[index].plan.states)
        for (state, spec) in zip(node.states, states) {
            let source: UnsafeMutablePointer<Float>
            switch spec.source {
            case .output: source = node.output.base
            case .buffer(let buffer):
                // Without it, forward has left the value in the state.
                guard let base = node.buffers[buffer] else { continue }
                source = base
            }
            let count = plan.batch * TensorSpec.rowStride(spec.features)
            let mine = worker.share(of: count)
            let last = source + (plan.steps - 1) * count
            (state + mine.lowerBound).update(from: last + mine.lowerBound, count: mine.count)
        }
    }

    // MARK: After a run

    /// The output of a node in the last run for inference; valid for the network's results only,
    /// since other outputs share memory with later buffers.
    package func output(ofNode index: Int) -> TensorView { nodes[index].output }

    /// The mean loss of the last run over the rows that count, summed over all losses.
    package var meanLoss: Double {
        lossesInOrder.reduce(0) {
            $0 + ($1.countedRows == 0 ? 0 : $1.lossSum / Double($1.countedRows))
        }
    }

    /// The rows that counted in the last run, of the network's first loss.
    package var countedRows: Int { lossesInOrder.first?.countedRows ?? 0 }
}
