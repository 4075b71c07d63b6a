public import StrataGraph
public import StrataSchema

/// A learned vector for each class of token.
///
/// ## Shapes        input tokens [T, B] of V classes -> output [T, B, H]
/// ## Parameters    W [V, H]
public struct Embedding: Layer, FusingLayer {
    /// Values per token H.
    public var units = 64
    /// How the table is filled.
    public var initializer = Initializer.xavier

    public init() {}

    /// Creates a table of H values per token.
    public init(units: Int, initializer: Initializer = .xavier) {
        self.units = units
        self.initializer = initializer
    }

    public static let type = "embedding"
    public static let aliases = ["EmbeddingLayer", "EmbeddingSequenceLayer"]
    public static let schema = Schema<Self>(
        "A learned vector for each class of token.",
        [
            .init("units", \.units, .size, doc: "Values per token."),
            .init("initializer", \.initializer, doc: "How the table is filled."),
        ])

    func cell(before tail: ElementwiseChain) -> EmbeddingCell {
        EmbeddingCell(units: units, initializer: initializer, tail: tail)
    }

    /// What the functions read is nowhere but in the table.
    func takes(_ tail: ElementwiseChain) -> Bool { !tail.needsInput }
}
