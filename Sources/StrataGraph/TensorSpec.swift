/// The shape and meaning of the values on an edge of the graph.
///
/// ## Shapes
/// A sequence is [T, B, features], time-major; a vector is [B, features]. Tokens are one class
/// index per row, out of `features` classes: a one-hot row that is never written out.
public struct TensorSpec: Hashable, Sendable {
    /// What a row holds.
    public enum Values: Hashable, Sendable {
        /// `features` real numbers.
        case real
        /// One class index out of `features`.
        case tokens
    }

    /// Values per row, or classes per token.
    public var features: Int
    /// Whether there is a row per time step (otherwise one per sequence).
    public var isSequence: Bool
    /// What a row holds.
    public var values: Values
    /// How many rows are stored, where each row is one of a table's and a token names it; nil: all
    /// rows are stored themselves.
    ///
    /// A plan decides it (``StoreDistinctRows``); layers and specs never set it.
    package var distinctRows: Int?

    /// Creates a spec; a real sequence unless said otherwise.
    public init(features: Int, isSequence: Bool = true, values: Values = .real) {
        self.features = features
        self.isSequence = isSequence
        self.values = values
    }

    /// The same kind of rows with another number of real values.
    package func real(features: Int) -> TensorSpec {
        TensorSpec(features: features, isSequence: isSequence, values: .real)
    }

    /// Rows for T steps and a batch of B.
    package func rows(steps: Int, batch: Int) -> Int { isSequence ? steps * batch : batch }

    /// Rows in memory for T steps and a batch of B.
    package func storedRows(steps: Int, batch: Int) -> Int {
        distinctRows ?? rows(steps: steps, batch: batch)
    }

    /// Floats from one row to the next.
    package var rowStride: Int { values == .tokens ? 1 : Self.rowStride(features) }

    /// An odd number of 64-byte lines: rows start aligned, and walking down a column never hits
    /// the same cache sets over and over, as power-of-two strides do.
    package static func rowStride(_ features: Int) -> Int {
        let lines = (features + 15) / 16
        return (lines | 1) * 16
    }
}

extension TensorSpec: CustomStringConvertible {
    /// `[T, B, 128]`, `[B, 10]` or `[T, B] of 65 classes`.
    public var description: String {
        let rows = isSequence ? "T, B" : "B"
        return values == .tokens ? "[\(rows)] of \(features) classes" : "[\(rows), \(features)]"
    }
}
