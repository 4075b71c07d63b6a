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

    private static func sum(_ a: Int, _ b: Int) -> Int {
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
            flops.forward = product(index, graph.nodes[index].plan.flopsPerRow)
        case .backward(let index): flops = backward(command, index)
        case .loss(let index):
            if purpose == .training { flops = backward(command, index) }
            flops.forward = product(index, graph.nodes[index].plan.flopsPerRow)
        default: break
        }
        return flops
    }

    private func backward(_ command: Command, _ index: Int) -> CommandFlops {
        let plan = graph.nodes[index].plan
        let data = plan.recurrentFlopsPerRow + inputGradientFlopsPerRow(command, plan)
        return CommandFlops(
            data: product(index, data),
            weights: plan.parameters.isEmpty ? 0 : product(index, plan.flopsPerRow))
    }

    /// The operations of a part of a command.
    package func flops(of command: Command, in phase: Timeline.Phase) -> Int {
        switch (command.operation, phase) {
        case (.forward(let index), .inputProduct), (.loss(let index), .inputProduct):
            product(index, graph.nodes[index].plan.inputFlopsPerRow)
        case (.forward(let index), .recurrence), (.backward(let index), .recurrence):
            product(index, graph.nodes[index].plan.recurrentFlopsPerRow)
        case (.backward(let index), .inputGradient), (.loss(let index), .inputGradient):
            product(index, inputGradientFlopsPerRow(command, graph.nodes[index].plan))
        case (.backward, .weightGradient), (.loss, .weightGradient): flops(of: command).weights
        default: 0
        }
    }

    private func inputGradientFlopsPerRow(_ command: Command, _ plan: LayerPlan) -> Int {
        let isNeeded = command.writes.contains { id in
            if case .inputGradient = id { true } else { false }
        }
        return isNeeded ? plan.inputFlopsPerRow : 0
    }

    private func product(_ index: Int, _ flopsPerRow: Int) -> Int {
        let rows = graph.nodes[index].plan.output.rows(steps: steps, batch: batch)
        let (flops, overflow) = flopsPerRow.multipliedReportingOverflow(by: rows)
        return overflow ? .max : flops
    }
}
