package import StrataGraph
import StrataRuntime

extension NetworkCase {
    /// Runs the case in double precision.
    ///
    /// - Parameters:
    ///   - precision: what products multiply.
    ///   - parameters: other values than the case's own, to differentiate numerically.
    package func reference(
        _ mode: ExecutionMode, precision: Precision = .float32, parameters: [[Double]]? = nil
    ) -> CaseResult {
        let executor = ReferenceExecutor(
            graph: graph, steps: steps, batch: batch, precision: precision)
        let result = executor.run(
            mode, parameters: parameters ?? self.parameters.map { $0.map(Double.init) },
            inputs: inputs.enumerated().map { index, input in
                switch input {
                case .tokens(let tokens): .tokens(tokens)
                case .values(let values):
                    .values(matrix(values, columns: graph.inputs[index].spec.features))
                }
            },
            states: states.map { zip(graph.nodes, $0).map { matrices($0, $1) } },
            mask: mask?.map(Double.init),
            targets: mode == .inference ? [:] : referenceTargets, randomKey: randomKey)
        return CaseResult(
            outputs: mode != .inference
                ? []
                : graph.outputs.map {
                    .init(
                        name: "output of \(graph.nodes[$0].name)", values: result.outputs[$0].values
                    )
                },
            states: zip(graph.nodes, result.states).flatMap { node, matrices in
                zip(node.plan.states, matrices).map {
                    .init(name: "\(node.name).\($0.name)", values: $1.values)
                }
            },
            loss: result.loss,
            gradients: zip(graph.parameters, result.gradients).map {
                .init(name: "gradient of \($0.name)", values: $1)
            })
    }

    private var referenceTargets: [Int: ReferencePass.Target] {
        targets.reduce(into: [:]) { targets, entry in
            switch entry.value {
            case .classes(let classes): targets[entry.key] = .classes(classes)
            case .values(let values):
                let columns = graph.nodes[entry.key].plan.output.features
                targets[entry.key] = .values(matrix(values, columns: columns))
            }
        }
    }

    private func matrices(_ node: GraphNode, _ values: [[Float]]) -> [ReferenceTape.Matrix] {
        zip(node.plan.states, values).map { matrix($1, columns: $0.features) }
    }

    private func matrix(_ values: [Float], columns: Int) -> ReferenceTape.Matrix {
        .init(rows: values.count / columns, columns: columns, values: values.map(Double.init))
    }
}
