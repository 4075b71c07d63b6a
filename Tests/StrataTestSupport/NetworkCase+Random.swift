package import StrataGraph

/// Which steps of a case count.
package enum MaskKind: Sendable, CaseIterable {
    /// All of them, without a mask.
    case none
    /// Sequences end at different steps.
    case ragged
    /// Any step may be left out.
    case holes
    /// One sequence does not count at all.
    case emptyRow
}

extension NetworkCase {
    /// A case with random parameters, data, targets and states.
    ///
    /// - Parameters:
    ///   - carriesStates: whether the run starts from random states instead of zeros.
    ///   - usesClasses: whether cross-entropy targets are class numbers, not rows of probabilities.
    package static func random(
        _ name: String, graph: Graph, steps: Int, batch: Int, mask: MaskKind = .none,
        carriesStates: Bool = false, usesClasses: Bool = true, seed: UInt64
    ) -> NetworkCase {
        var random = CaseRandom(seed: seed)
        let mask = random.mask(mask, steps: steps, batch: batch)
        func rows(_ spec: TensorSpec) -> Int { spec.rows(steps: steps, batch: batch) }
        let parameters = graph.parameters.map { random.parameter($0.spec) }
        let inputs = graph.inputs.map { input -> Input in
            let spec = input.spec
            if spec.values == .real { return .values(random.values(rows(spec) * spec.features)) }
            return .tokens(
                random.classes(rows(spec), of: spec.features, mask: spec.isSequence ? mask : nil))
        }
        var targets: [Int: Target] = [:]
        for (index, node) in graph.nodes.enumerated() {
            guard let layer = node.lossLayer else { continue }
            let output = node.plan.output
            targets[index] = random.target(
                layer.target(output: output), rows: rows(output), usesClasses: usesClasses,
                mask: output.isSequence ? mask : nil)
        }
        let states = graph.nodes.map { node in
            node.plan.states.map { random.values(batch * $0.features) }
        }
        return NetworkCase(
            name: name, graph: graph, steps: steps, batch: batch, parameters: parameters,
            inputs: inputs, targets: targets, mask: mask, states: carriesStates ? states : nil,
            randomKey: random.next())
    }
}

/// The random choices that tests need, determined by a seed.
package struct CaseRandom: RandomNumberGenerator, Sendable {
    private var source: CounterRandom

    package init(seed: UInt64) { source = CounterRandom(key: RandomKey.mix(seed)) }

    package mutating func next() -> UInt64 { source.next() }

    /// Numbers from -1 to 1.
    package mutating func values(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float(2 * source.uniform() - 1) }
    }

    /// Values that keep the sums of a row near 1, whatever the number of rows.
    mutating func parameter(_ spec: ParameterSpec) -> [Float] {
        let rows = max(1, spec.shape.dropLast().reduce(1, *))
        let scale = min(1, 1.5 / Float(rows).squareRoot())
        return values(spec.count).map { scale * $0 }
    }

    /// Class numbers; where the mask is 0, below 0.
    mutating func classes(_ count: Int, of limit: Int, mask: [Float]?) -> [Int] {
        (0..<count).map { row in
            let value = Int.random(in: 0..<limit, using: &self)
            return mask?[row] == 0 ? -1 : value
        }
    }

    mutating func target(
        _ spec: TargetSpec, rows: Int, usesClasses: Bool, mask: [Float]?
    ) -> NetworkCase.Target {
        switch spec {
        case .classes(let width) where usesClasses:
            return .classes(classes(rows, of: width, mask: mask))
        case .classes(let width):
            let raw = (0..<rows * width).map { _ in Float(source.uniform()) + 0.01 }
            // Probabilities sum to 1; in every third row they are something else.
            let sums = (0..<rows).map {
                $0 % 3 == 2 ? 1 : raw[$0 * width..<($0 + 1) * width].reduce(0, +)
            }
            return .values(raw.enumerated().map { $0.element / sums[$0.offset / width] })
        case .values(let width):
            // From 0 to 1, so that they also suit losses of probabilities.
            return .values((0..<rows * width).map { _ in Float(source.uniform()) })
        }
    }

    mutating func mask(_ kind: MaskKind, steps: Int, batch: Int) -> [Float]? {
        var mask = [Float](repeating: 1, count: steps * batch)
        switch kind {
        case .none: return nil
        case .ragged:
            for row in 0..<batch {
                let length = Int.random(in: 1...steps, using: &self)
                for step in length..<max(length, steps) { mask[step * batch + row] = 0 }
            }
        case .holes:
            for place in mask.indices where source.uniform() < 0.3 { mask[place] = 0 }
        case .emptyRow:
            let row = Int.random(in: 0..<batch, using: &self)
            for step in 0..<steps { mask[step * batch + row] = 0 }
        }
        return mask
    }
}
