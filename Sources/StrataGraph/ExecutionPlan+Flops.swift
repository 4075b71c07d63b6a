package import StrataKernels

/// The floating-point operations of the products in a command, by what they compute.
///
/// Element-wise work is not counted, as is usual. Sums that no number holds are `Int.max`.
public struct CommandFlops: Hashable, Sendable {
    /// Outputs in forward.
    public var forward = 0
    /// Gradients of inputs and, in recurrent layers, of the steps before.
    public var data = 0
    /// Gradients of parameters.
    public var weights = 0

    /// Creates counts.
    public init(forward: Int = 0, data: Int = 0, weights: Int = 0) {
        self.forward = forward
        self.data = data
        self.weights = weights
    }

    /// All together.
    public var total: Int { Self.sum(Self.sum(forward, data), weights) }

    static func + (a: Self, b: Self) -> Self {
        Self(
            forward: sum(a.forward, b.forward), data: sum(a.data, b.data),
            weights: sum(a.weights, b.weights))
    }

    static func sum(_ a: Int, _ b: Int) -> Int {
        let (value, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : value
    }
}

extension ExecutionPlan {
    /// Floating-point operations of one run of the plan; `Int.max` where they are more.
    public var flops: Int { flopsByKind.total }

    /// The operations of one run of the plan, by what they compute.
    public var flopsByKind: CommandFlops {
        commands.reduce(CommandFlops()) { $0 + flops(of: $1) }
    }

    /// The operations of one command.
    public func flops(of command: Command) -> CommandFlops {
        var flops = CommandFlops()
        switch command.operation {
        case .forward(let index):
            flops.forward = forwardFlops(ofNode: index)
        case .backward(let index): flops = backward(command, index)
        case .loss(let index):
            if purpose == .training { flops = backward(command, index) }
            flops.forward = forwardFlops(ofNode: index)
        default: break
        }
        return flops
    }

    private func backward(_ command: Command, _ index: Int) -> CommandFlops {
        let plan = graph.nodes[index].plan
        return CommandFlops(
            data: CommandFlops.sum(recurrent(index), inputGradient(command, index)),
            weights: plan.parameters.isEmpty ? 0 : forwardFlops(ofNode: index))
    }

    /// The operations of a part of a command.
    package func flops(of command: Command, in phase: Timeline.Phase) -> Int {
        switch (command.operation, phase) {
        case (.forward(let index), .inputProduct), (.loss(let index), .inputProduct):
            input(index)
        case (.forward(let index), .recurrence), (.backward(let index), .recurrence):
            recurrent(index)
        case (.backward(let index), .inputGradient), (.loss(let index), .inputGradient):
            inputGradient(command, index)
        case (.backward, .weightGradient), (.loss, .weightGradient): flops(of: command).weights
        default: 0
        }
    }

    private func inputGradient(_ command: Command, _ index: Int) -> Int {
        let isNeeded = command.writes.contains { id in
            if case .inputGradient(index, _) = id { true } else { false }
        }
        return isNeeded ? input(index) : 0
    }

    /// The operations of a node's forward pass.
    package func forwardFlops(ofNode index: Int) -> Int {
        CommandFlops.sum(input(index), recurrent(index))
    }

    private func recurrent(_ index: Int) -> Int {
        let plan = graph.nodes[index].plan
        return product(
            plan.recurrentFlopsPerRow, plan.output.rows(steps: steps, batch: batch))
    }

    /// Those that read the input; of it each stored row is multiplied once.
    private func input(_ index: Int) -> Int {
        let node = graph.nodes[index]
        let distinct = node.inputs.first.flatMap { graph.spec(of: $0).distinctRows }
        return product(
            node.plan.inputFlopsPerRow,
            distinct ?? node.plan.output.rows(steps: steps, batch: batch))
    }

    private func product(_ flopsPerRow: Int, _ rows: Int) -> Int {
        let (flops, overflow) = flopsPerRow.multipliedReportingOverflow(by: rows)
        return overflow ? .max : flops
    }
}
