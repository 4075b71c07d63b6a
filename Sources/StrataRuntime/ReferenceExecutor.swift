package import StrataGraph

/// Runs a graph in double precision on a tape: the oracle for plans, kernels and gradients.
package struct ReferenceExecutor {
    /// What one input holds.
    package enum Input {
        case tokens([Int])
        case values(ReferenceTape.Matrix)
    }

    /// What a run computed.
    package struct Result {
        /// Every node's output.
        package var outputs: [ReferenceTape.Matrix]
        /// Every node's states after the run, dense [B, features].
        package var states: [[ReferenceTape.Matrix]]
        /// The mean loss, summed over losses; nil in inference.
        package var loss: Double?
        /// The loss's gradient for every parameter, in storage order; empty unless training.
        package var gradients: [[Double]]
    }

    private let graph: Graph
    private let steps: Int
    private let batch: Int
    private let precision: Precision

    /// - Parameter precision: what products multiply; sums are of doubles in any case.
    package init(graph: Graph, steps: Int, batch: Int, precision: Precision = .float32) {
        self.graph = graph
        self.steps = steps
        self.batch = batch
        self.precision = precision
    }

    /// Runs the graph once.
    ///
    /// - Parameters:
    ///   - parameters: the values of every parameter, row-major, in storage order.
    ///   - states: each node's states before the run; nil: zeros.
    ///   - mask: [T·B], 1 where a step counts.
    ///   - targets: for each loss node.
    package func run(
        _ mode: ExecutionMode, parameters: [[Double]], inputs: [Input],
        states: [[ReferenceTape.Matrix]]? = nil, mask: [Double]? = nil,
        targets: [Int: ReferencePass.Target] = [:], randomKey: UInt64 = 0
    ) -> Result {
        var tape = ReferenceTape(precision: precision)
        let variables = zip(graph.parameters, parameters).map { parameter, values in
            let columns = parameter.spec.shape.last ?? 1
            return tape.constant(
                .init(rows: values.count / columns, columns: columns, values: values))
        }
        var nodeInputs: [ValueID: ReferencePass.Input] = [:]
        for (index, input) in inputs.enumerated() {
            nodeInputs[.input(index)] = passInput(input, spec: graph.inputs[index].spec, &tape)
        }
        var firstParameter = 0
        var losses: [ReferenceTape.Variable] = []
        var outputs: [ReferenceTape.Variable] = []
        var finalStates: [[ReferenceTape.Matrix]] = []
        for (index, node) in graph.nodes.enumerated() {
            let count = node.plan.parameters.count
            let initial = node.plan.states.enumerated().map { slot, spec in
                tape.constant(
                    states?[index][slot] ?? .init(rows: batch, columns: spec.features))
            }
            let target = targets[index]
            // A mask has a number for each step, so it says nothing of vectors.
            let mask = node.plan.output.isSequence ? mask : nil
            var pass = ReferencePass(
                tape: tape, inputs: node.inputs.compactMap { nodeInputs[$0] },
                parameters: Array(variables[firstParameter..<firstParameter + count]),
                initialStates: initial, mode: mode, steps: steps, batch: batch, mask: mask,
                randomKey: randomKey,
                layerHash: RandomKey.layer(named: node.name), target: target,
                lossWeight: target.map { 1 / max(1, counted($0, mask)) } ?? 0)
            firstParameter += count
            let output = node.layer.reference(&pass)
            if mode != .inference, let layer = node.lossLayer, target != nil {
                losses.append(layer.referenceLoss(&pass, output: output))
            }
            tape = pass.tape
            finalStates.append(pass.finalStates.map { tape.value($0) })
            outputs.append(output)
            nodeInputs[.node(index)] = .init(
                spec: node.plan.output, variable: output, tokens: [])
        }
        return result(tape, outputs, finalStates, losses, variables, mode)
    }

    private func result(
        _ finished: ReferenceTape, _ outputs: [ReferenceTape.Variable],
        _ states: [[ReferenceTape.Matrix]], _ losses: [ReferenceTape.Variable],
        _ parameters: [ReferenceTape.Variable], _ mode: ExecutionMode
    ) -> Result {
        var tape = finished
        let values = outputs.map { tape.value($0) }
        guard var total = losses.first else {
            return Result(outputs: values, states: states, loss: nil, gradients: [])
        }
        for loss in losses.dropFirst() { total = tape.sum(total, loss) }
        let gradients = mode == .training ? tape.gradients(of: total) : []
        return Result(
            outputs: values, states: states, loss: tape.value(total).values[0],
            gradients: mode == .training ? parameters.map { gradients[$0.index].values } : [])
    }

    private func passInput(_ input: Input, spec: TensorSpec, _ tape: inout ReferenceTape)
        -> ReferencePass.Input
    {
        switch input {
        case .tokens(let tokens): .init(spec: spec, variable: nil, tokens: tokens)
        case .values(let matrix):
            .init(spec: spec, variable: tape.constant(matrix), tokens: [])
        }
    }

    private func counted(_ target: ReferencePass.Target, _ mask: [Double]?) -> Double {
        switch target {
        case .classes(let classes):
            return classes.enumerated().reduce(0) { sum, row in
                sum + (row.element >= 0 ? (mask?[row.offset] ?? 1) : 0)
            }
        case .values(let matrix):
            return (0..<matrix.rows).reduce(0) { $0 + (mask?[$1] ?? 1) }
        }
    }
}
