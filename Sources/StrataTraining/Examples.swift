public import StrataData
package import StrataGraph

/// Data given in Swift: inputs, and what a network should answer to them.
///
/// Every maker checks all values and throws a `DataError` that names the place as Swift code
/// would: `inputs[2][0]`. Sequences may have different lengths: they are padded, and padding
/// counts for nothing.
public struct Examples: Sendable {
    /// What the examples are made of.
    package enum Content: Sendable {
        case table(ExampleTable)
        case text(TokenDataset, TextPart)
    }

    /// The part of a text to use.
    public enum TextPart: Sendable, Hashable {
        /// The beginning, to train on.
        case train
        /// What follows, to validate on.
        case validation
        /// The end, to test on.
        case test
    }

    package let content: Content

    /// Wraps what is already checked.
    package init(_ content: Content) { self.content = content }

    /// How many vectors or sequences there are; of a text, how many tokens.
    public var count: Int {
        switch content {
        case .table(let table): table.count
        case .text(let dataset, let part): dataset.tokens(of: part).count
        }
    }

    /// What the network reads.
    package var input: TensorSpec {
        switch content {
        case .table(let table): table.inputs.spec
        case .text(let dataset, _): TensorSpec(features: dataset.vocabulary.count, values: .tokens)
        }
    }

    /// What its losses compare with.
    package var target: TargetSpec {
        switch content {
        case .table(let table): table.target
        case .text(let dataset, _): .classes(dataset.vocabulary.count)
        }
    }

    /// What the tokens mean, of a text.
    package var vocabulary: Vocabulary? {
        if case .text(let dataset, _) = content { dataset.vocabulary } else { nil }
    }
}

extension TokenDataset {
    package func tokens(of part: Examples.TextPart) -> Tokens {
        switch part {
        case .train: train
        case .validation: validation
        case .test: test
        }
    }
}

// MARK: Making examples

extension Examples {
    /// Vectors [I] and the numbers [V] to answer each with.
    ///
    /// - Throws: ``DataError``: `tooShort` for no examples, `invalid` for unequal counts or
    ///   widths, and for NaN or infinite numbers.
    public static func vectors(inputs: [[Float]], targets: [[Float]]) throws(DataError) -> Examples
    {
        let table = try ExampleTable(
            inputs: ExampleInputs(vectors: inputs, name: "inputs"),
            values: targets.map { [$0] }, isSequence: false)
        return Examples(.table(table))
    }

    /// Vectors [I] and the class of each.
    ///
    /// - Parameters:
    ///   - labels: one class per vector, from 0 to `classes` - 1.
    ///   - classes: how many classes there are.
    /// - Throws: ``DataError``: `tooShort` for no examples, `invalid` for what does not fit.
    public static func vectors(
        inputs: [[Float]], labels: [Int], classes: Int
    ) throws(DataError) -> Examples {
        let table = try ExampleTable(
            inputs: ExampleInputs(vectors: inputs, name: "inputs"),
            labels: labels.map { [$0] }, classes: classes, isSequence: false, name: "labels")
        return Examples(.table(table))
    }

    /// Sequences [T][I] and the numbers [T][V] to answer each step with.
    ///
    /// - Throws: ``DataError``: `tooShort` for no examples or an empty sequence, `invalid` for
    ///   unequal counts, lengths or widths, and for NaN or infinite numbers.
    public static func sequences(
        inputs: [[[Float]]], targets: [[[Float]]]
    ) throws(DataError) -> Examples {
        let table = try ExampleTable(
            inputs: ExampleInputs(sequences: inputs, name: "inputs"), values: targets,
            isSequence: true)
        return Examples(.table(table))
    }

    /// Sequences [T][I] and the class of each step, or of each sequence.
    ///
    /// - Parameters:
    ///   - labels: for each sequence as many classes as it has steps, or a single one, which is
    ///     then wanted at its last step.
    ///   - classes: how many classes there are.
    /// - Throws: ``DataError``: `tooShort` for no examples or an empty sequence, `invalid` for
    ///   what does not fit.
    public static func sequences(
        inputs: [[[Float]]], labels: [[Int]], classes: Int
    ) throws(DataError) -> Examples {
        let table = try ExampleTable(
            inputs: ExampleInputs(sequences: inputs, name: "inputs"), labels: labels,
            classes: classes, isSequence: true, name: "labels")
        return Examples(.table(table))
    }

    /// Sequences of tokens and the class to answer each step, or each sequence, with.
    ///
    /// - Parameters:
    ///   - sequences: tokens from 0 to `classes` - 1.
    ///   - targets: for each sequence as many classes as it has tokens, or a single one, which is
    ///     then wanted at its last step.
    ///   - classes: how many different tokens there are.
    ///   - targetClasses: how many different answers there are; nil: as many as tokens.
    /// - Throws: ``DataError``: `tooShort` for no examples or an empty sequence, `invalid` for
    ///   what does not fit.
    public static func tokens(
        sequences: [[Int]], targets: [[Int]], classes: Int, targetClasses: Int? = nil
    ) throws(DataError) -> Examples {
        let table = try ExampleTable(
            inputs: ExampleInputs(tokens: sequences, classes: classes, name: "sequences"),
            labels: targets, classes: targetClasses ?? classes, isSequence: true, name: "targets")
        return Examples(.table(table))
    }

    /// A part of a text, whose tokens are each answered with the next one.
    ///
    /// The dataset says how many streams run side by side and how long a window is. Where the
    /// training part is trained on, the validation part validates unless told otherwise.
    public static func text(_ dataset: TokenDataset, part: TextPart = .train) -> Examples {
        Examples(.text(dataset, part))
    }
}
