import StrataGraph

extension NetworkCase {
    /// The case of some of its steps; the states before the run are the caller's to carry.
    package func window(_ range: Range<Int>) -> NetworkCase {
        var window = self
        window.steps = range.count
        let rows = range.lowerBound * batch..<range.upperBound * batch
        window.mask = mask.map { Array($0[rows]) }
        window.inputs = zip(graph.inputs, inputs).map { input, data in
            input.spec.isSequence ? data.rows(rows, features: input.spec.features) : data
        }
        window.targets = targets.reduce(into: [:]) { targets, entry in
            let spec = graph.nodes[entry.key].plan.output
            targets[entry.key] =
                spec.isSequence ? entry.value.rows(rows, features: spec.features) : entry.value
        }
        return window
    }

    /// The case with its sequences in another order.
    package func permuted(_ order: [Int]) -> NetworkCase {
        var permuted = self
        func rows(_ spec: TensorSpec) -> [Int] { self.rows(spec, order) }
        permuted.mask = mask.map { $0.rows(rows(TensorSpec(features: 1)), features: 1) }
        permuted.inputs = zip(graph.inputs, inputs).map { input, data in
            data.rows(rows(input.spec), features: input.spec.features)
        }
        permuted.targets = targets.reduce(into: [:]) { targets, entry in
            let spec = graph.nodes[entry.key].plan.output
            targets[entry.key] = entry.value.rows(rows(spec), features: spec.features)
        }
        permuted.states = states.map { states in
            zip(graph.nodes, states).map { node, values in
                zip(node.plan.states, values).map { spec, values in
                    values.rows(order, features: spec.features)
                }
            }
        }
        return permuted
    }

    /// The outputs of a result of this case as they would be with the sequences in another order.
    package func permutedOutputs(of result: CaseResult, _ order: [Int]) -> [CaseResult.Values] {
        zip(graph.outputs, result.outputs).map { index, output in
            let spec = graph.nodes[index].plan.output
            return .init(
                name: output.name,
                values: output.values.rows(rows(spec, order), features: spec.features))
        }
    }

    /// The old place of every row when sequence `order[b]` becomes sequence b.
    private func rows(_ spec: TensorSpec, _ order: [Int]) -> [Int] {
        guard spec.isSequence else { return order }
        return (0..<steps).flatMap { step in order.map { step * batch + $0 } }
    }
}

extension NetworkCase.Input {
    fileprivate func rows(_ places: some Sequence<Int>, features: Int) -> Self {
        switch self {
        case .tokens(let tokens): .tokens(places.map { tokens[$0] })
        case .values(let values): .values(values.rows(places, features: features))
        }
    }
}

extension NetworkCase.Target {
    fileprivate func rows(_ places: some Sequence<Int>, features: Int) -> Self {
        switch self {
        case .classes(let classes): .classes(places.map { classes[$0] })
        case .values(let values): .values(values.rows(places, features: features))
        }
    }
}

extension Array {
    /// The rows of a matrix at given places.
    fileprivate func rows(_ places: some Sequence<Int>, features: Int) -> [Element] {
        places.flatMap { self[$0 * features..<($0 + 1) * features] }
    }
}

extension CaseResult {
    /// The bits of everything that was computed: equal for equal results only.
    package var bits: [UInt64] {
        (outputs + states + gradients).flatMap { $0.values.map(\.bitPattern) }
            + [(loss ?? 0).bitPattern]
    }
}
