package import StrataGraph

extension ParameterStore {
    /// Fills every parameter as its layer asks; the same seed gives the same values.
    package func initialize(seed: UInt64) {
        for entry in entries {
            let key = RandomKey.derive(
                seed: seed, purpose: "initialize", index: RandomKey.hash(entry.name))
            var random = CounterRandom(key: key)
            write(entry, ParameterFiller(spec: entry.spec).values(&random).map(Float.init))
        }
    }
}

/// Computes the first values of one parameter.
package struct ParameterFiller {
    private let spec: ParameterSpec
    private let rows: Int
    private let columns: Int

    package init(spec: ParameterSpec) {
        self.spec = spec
        columns = spec.shape.last ?? 1
        rows = spec.shape.dropLast().reduce(1, *)
    }

    /// The memory that filling a parameter takes besides its own, in bytes.
    package static func bytes(for spec: ParameterSpec) -> Double {
        var numbers = 1.0
        if case .initializer(let initializer, _, _) = spec.fill,
            [.identity, .orthogonal].contains(initializer)
        {
            // The block that is filled, and its basis.
            numbers += 2 / Double(spec.blocks)
        }
        let float = Double(MemoryLayout<Float>.stride), double = Double(MemoryLayout<Double>.stride)
        return Double(spec.count) * (numbers * double + float)
    }

    /// The values, row-major.
    package func values(_ random: inout CounterRandom) -> [Double] {
        switch spec.fill {
        case .constants(let constants):
            let width = max(1, columns / spec.blocks)
            return (0..<spec.count).map {
                constants[min(($0 % columns) / width, constants.count - 1)]
            }
        case .initializer(let initializer, let fanIn, let fanOut):
            return filled(by: initializer, Double(fanIn), Double(fanOut), &random)
        }
    }

    private func filled(
        by initializer: Initializer, _ fanIn: Double, _ fanOut: Double,
        _ random: inout CounterRandom
    ) -> [Double] {
        switch initializer {
        case .zeros: [Double](repeating: 0, count: spec.count)
        case .xavier: normal((2 / (fanIn + fanOut)).squareRoot(), &random)
        case .he: normal((2 / fanIn).squareRoot(), &random)
        case .lecun: normal((1 / fanIn).squareRoot(), &random)
        case .normal: normal(0.01, &random)
        case .xavierUniform: uniform((6 / (fanIn + fanOut)).squareRoot(), &random)
        case .uniform: uniform((1 / fanIn).squareRoot(), &random)
        case .identity: blockwise { rows, columns in identity(rows, columns) }
        case .orthogonal: blockwise { rows, columns in orthogonal(rows, columns, &random) }
        }
    }

    private func normal(_ deviation: Double, _ random: inout CounterRandom) -> [Double] {
        (0..<spec.count).map { _ in deviation * random.normal() }
    }

    private func uniform(_ bound: Double, _ random: inout CounterRandom) -> [Double] {
        (0..<spec.count).map { _ in bound * (2 * random.uniform() - 1) }
    }

    /// Fills each block of columns by itself.
    private func blockwise(_ block: (Int, Int) -> [Double]) -> [Double] {
        let width = columns / spec.blocks
        var values = [Double](repeating: 0, count: spec.count)
        for index in 0..<spec.blocks {
            let part = block(rows, width)
            for row in 0..<rows {
                for column in 0..<width {
                    values[row * columns + index * width + column] = part[row * width + column]
                }
            }
        }
        return values
    }

    private func identity(_ rows: Int, _ columns: Int) -> [Double] {
        (0..<rows * columns).map { $0 / columns == $0 % columns ? 1 : 0 }
    }

    /// Orthonormal rows or columns, whichever are fewer.
    ///
    /// Random vectors are made orthogonal one after another, twice each so that rounding does not
    /// spoil it (Daniel et al. 1976).
    private func orthogonal(_ rows: Int, _ columns: Int, _ random: inout CounterRandom) -> [Double]
    {
        let (count, length) = (min(rows, columns), max(rows, columns))
        var basis: [[Double]] = []
        while basis.count < count {
            var vector = (0..<length).map { _ in random.normal() }
            for _ in 0..<2 {
                for other in basis {
                    var inner = 0.0
                    for i in 0..<length { inner += vector[i] * other[i] }
                    for i in 0..<length { vector[i] -= inner * other[i] }
                }
            }
            let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 1e-6 { basis.append(vector.map { $0 / norm }) }
        }
        return (0..<rows * columns).map { index in
            let (row, column) = (index / columns, index % columns)
            return rows <= columns ? basis[row][column] : basis[column][row]
        }
    }
}
