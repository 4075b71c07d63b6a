package import StrataData
package import StrataGraph
package import StrataRuntime

/// Checked inputs of a network, one entry per vector or sequence, ready to be put side by side.
package struct ExampleInputs: Sendable {
    private enum Rows: Sendable {
        /// [length, I] of each example, row-major.
        case values([[Float]])
        case tokens([[Int32]])
    }

    /// The shape of what a network reads.
    package let spec: TensorSpec
    /// Steps of each example; 1 of a vector.
    package let lengths: [Int]
    private let rows: Rows

    /// How many examples there are.
    package var count: Int { lengths.count }

    /// Checks vectors [I]; `name` is what messages call them.
    package init(vectors: [[Float]], features: Int? = nil, name: String) throws(DataError) {
        let width = try ExampleCheck.width(features, of: vectors.first, place: "\(name)[0]")
        for (index, vector) in vectors.enumerated() {
            try ExampleCheck.row(vector, width: width, place: "\(name)[\(index)]")
        }
        spec = TensorSpec(features: width, isSequence: false)
        lengths = vectors.map { _ in 1 }
        rows = .values(vectors)
    }

    /// Checks sequences [T][I].
    package init(sequences: [[[Float]]], features: Int? = nil, name: String) throws(DataError) {
        try ExampleCheck.notEmpty(sequences, name: name)
        let width = try ExampleCheck.width(
            features, of: sequences.first?.first, place: "\(name)[0][0]")
        for (index, sequence) in sequences.enumerated() {
            for (step, row) in sequence.enumerated() {
                try ExampleCheck.row(row, width: width, place: "\(name)[\(index)][\(step)]")
            }
        }
        spec = TensorSpec(features: width)
        lengths = sequences.map(\.count)
        rows = .values(sequences.map { Array($0.joined()) })
    }

    /// Checks sequences of tokens.
    package init(tokens: [[Int]], classes: Int, name: String) throws(DataError) {
        try ExampleCheck.notEmpty(tokens, name: name)
        try ExampleCheck.classCount(classes)
        for (index, sequence) in tokens.enumerated() {
            for (step, token) in sequence.enumerated() {
                try ExampleCheck.label(
                    token, count: classes, place: "\(name)[\(index)][\(step)]")
            }
        }
        spec = TensorSpec(features: classes, values: .tokens)
        lengths = tokens.map(\.count)
        rows = .tokens(tokens.map { $0.map(Int32.init) })
    }

    /// Writes examples side by side into an executor's input and mask; what is left is padding.
    ///
    /// - Parameter example: the example of a column of the batch; nil: none.
    /// - Returns: whether there is padding.
    package func fill(_ executor: Executor, example: (Int) -> Int?) -> Bool {
        let (steps, batch) = (executor.plan.steps, executor.plan.batch)
        let mask = executor.mask
        var isMasked = false
        for column in 0..<batch {
            let chosen = example(column)
            let length = chosen.map { min(lengths[$0], steps) } ?? 0
            if length < steps { isMasked = true }
            for step in 0..<steps { mask[step * batch + column] = step < length ? 1 : 0 }
            switch rows {
            case .values(let values):
                write(chosen.map { values[$0] }, length: length, column, executor)
            case .tokens(let tokens):
                guard let input = executor.tokens(ofInput: 0) else { continue }
                for step in 0..<steps {
                    let token = step < length ? chosen.map { tokens[$0][step] } : nil
                    input[step * batch + column] = token ?? -1
                }
            }
        }
        return isMasked
    }

    private func write(_ values: [Float]?, length: Int, _ column: Int, _ executor: Executor) {
        guard let view = executor.values(ofInput: 0) else { return }
        for step in 0..<executor.plan.steps {
            let row = view.row(step * executor.plan.batch + column)
            if let values, step < length {
                for feature in 0..<spec.features {
                    row[feature] = values[step * spec.features + feature]
                }
            } else {
                // Padding is computed too: it must be numbers, whatever the memory held before.
                row.update(repeating: 0, count: spec.features)
            }
        }
    }
}
