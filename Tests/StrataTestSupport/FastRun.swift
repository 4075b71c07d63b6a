package import StrataGraph
package import StrataKernels
package import StrataRuntime
import StrataSchema

/// A case bound to an executor of its own.
package struct FastRun {
    package let executor: Executor
    package let parameters: ParameterStore
    private let test: NetworkCase

    /// Plans the case and fills in its parameters, data and states.
    ///
    /// - Parameter purpose: what the plan is for; one for training runs for evaluation, too.
    package init(
        _ test: NetworkCase, for purpose: ExecutionMode = .training,
        kernels: Kernels = .best, precision: Precision = .float32,
        weights: WeightPrecision = .float32
    ) throws {
        self.test = test
        let plan = try Planner.plan(
            test.graph, steps: test.steps, batch: test.batch, for: purpose, precision: precision)
        parameters = try ParameterStore(graph: test.graph)
        for (entry, values) in zip(parameters.entries, test.parameters) {
            parameters.write(entry, values)
        }
        executor = try Executor(
            plan: plan, parameters: parameters, kernels: kernels, weights: weights)
        fillTargets()
        try resetStates()
    }

    /// Runs the case once from the states that the executor has now.
    ///
    /// Inputs are filled in each time, since a run may reuse their memory.
    package func run(_ mode: ExecutionMode, team: WorkerTeam) -> CaseResult {
        fillInputs()
        // Gradients are overwritten, so whatever stood there before must not show.
        executor.gradients.buffer(0..<executor.gradients.count).update(repeating: .nan)
        if let mask = test.mask { _ = executor.mask.update(fromContentsOf: mask) }
        executor.begin(mode, randomKey: test.randomKey, isMasked: test.mask != nil)
        team.run { executor.execute($0) }
        return result(mode)
    }

    /// Puts the case's states back.
    package func resetStates() throws {
        executor.resetStates()
        guard let states = test.states else { return }
        try executor.setStates(
            zip(test.graph.nodes, states).flatMap { node, values in
                zip(node.plan.states, values).map {
                    .init(
                        name: "\(node.name).\($0.name)", features: $0.features, values: $1)
                }
            })
    }

    private func result(_ mode: ExecutionMode) -> CaseResult {
        CaseResult(
            // A plan with losses computes no outputs.
            outputs: executor.plan.purpose != .inference
                ? []
                : test.graph.outputs.map { index in
                    let view = executor.output(ofNode: index)
                    let values = (0..<view.rows).flatMap { row in
                        (0..<view.features).map { Double(view.row(row)[$0]) }
                    }
                    return .init(name: "output of \(test.graph.nodes[index].name)", values: values)
                },
            states: executor.states().map {
                .init(name: $0.name, values: $0.values.map(Double.init))
            },
            loss: mode == .inference || executor.losses.isEmpty ? nil : executor.meanLoss,
            // Dropout alone, without a loss, acts in plans for inference, too.
            gradients: mode != .training || executor.plan.purpose != .training
                ? []
                : parameters.entries.map {
                    .init(
                        name: "gradient of \($0.name)",
                        values: executor.gradients.buffer($0.range).map(Double.init))
                })
    }

    private func fillInputs() {
        for (index, input) in test.inputs.enumerated() {
            switch input {
            case .tokens(let tokens):
                guard let buffer = executor.tokens(ofInput: index) else { continue }
                _ = buffer.update(fromContentsOf: tokens.map(Int32.init))
            case .values(let values):
                guard let view = executor.values(ofInput: index) else { continue }
                for row in 0..<view.rows {
                    let from = row * view.features
                    fill(view.row(row), values[from..<from + view.features], stride: view.stride)
                }
            }
        }
    }

    private func fillTargets() {
        for (index, target) in test.targets {
            guard let loss = executor.losses[index] else { continue }
            let output = test.graph.nodes[index].plan.output
            switch target {
            case .classes(let classes):
                loss.usesValues = false
                _ = loss.classes.update(fromContentsOf: classes.map(Int32.init))
            case .values(let values):
                loss.usesValues = true
                for row in 0..<loss.rows {
                    let from = row * output.features
                    fill(
                        loss.values.base + row * output.rowStride,
                        values[from..<from + output.features], stride: output.rowStride)
                }
            }
        }
    }

    /// Writes a row; its padding gets a number that shows wherever it should be used.
    private func fill(
        _ row: UnsafeMutablePointer<Float>, _ values: ArraySlice<Float>, stride: Int
    ) {
        row.update(repeating: 1e30, count: stride)
        for (column, value) in values.enumerated() { row[column] = value }
    }
}
