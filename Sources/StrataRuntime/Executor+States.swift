import StrataGraph

extension Executor {
    /// One carried state with its name `layer.state` and its values [B, features], dense.
    package struct StateValue: Sendable {
        package var name: String
        package var features: Int
        package var values: [Float]

        package init(name: String, features: Int, values: [Float]) {
            self.name = name
            self.features = features
            self.values = values
        }
    }

    /// Sets all carried states to zero: the start of a stream.
    package func resetStates() {
        for (node, buffers) in zip(plan.graph.nodes, nodes) {
            for (spec, state) in zip(node.plan.states, buffers.states) {
                let count = plan.batch * TensorSpec.rowStride(spec.features)
                state.update(repeating: 0, count: count)
            }
        }
    }

    /// Copies of all carried states, to keep beside a checkpoint or across an evaluation.
    package func states() -> [StateValue] {
        zip(plan.graph.nodes, nodes).flatMap { node, buffers in
            zip(node.plan.states, buffers.states).map { spec, state in
                let stride = TensorSpec.rowStride(spec.features)
                let values = (0..<plan.batch).flatMap { row in
                    (0..<spec.features).map { state[row * stride + $0] }
                }
                return StateValue(
                    name: "\(node.name).\(spec.name)", features: spec.features, values: values)
            }
        }
    }

    /// Puts states back; the values must come from ``states()`` of an equal plan.
    ///
    /// - Throws: ``RuntimeError`` of kind `.invalidInput` where a state is absent or has another size.
    package func setStates(_ values: [StateValue]) throws(RuntimeError) {
        let byName = Dictionary(values.map { ($0.name, $0) }) { first, _ in first }
        for (node, buffers) in zip(plan.graph.nodes, nodes) {
            for (spec, state) in zip(node.plan.states, buffers.states) {
                let name = "\(node.name).\(spec.name)"
                guard let value = byName[name], value.values.count == plan.batch * spec.features
                else {
                    throw RuntimeError(
                        .invalidInput, "the state '\(name)' is absent or has another size")
                }
                let stride = TensorSpec.rowStride(spec.features)
                state.update(repeating: 0, count: plan.batch * stride)
                for row in 0..<plan.batch {
                    for column in 0..<spec.features {
                        state[row * stride + column] = value.values[row * spec.features + column]
                    }
                }
            }
        }
    }
}
