/// Why a network could not be run.
public struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Kind: Hashable, Sendable {
        /// The system gives no more memory.
        case outOfMemory
        /// Values that do not fit the network: a wrong count, a class out of range.
        case invalidInput
        /// A name that the network does not have.
        case unknownName
    }

    /// The kind of failure.
    public var kind: Kind
    /// One sentence that says what is wrong.
    public var message: String
    /// What to do about it.
    public var hint: String?

    /// Creates an error.
    public init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    /// The message and the hint.
    public var description: String { message + (hint.map { " (\($0))" } ?? "") }
}
