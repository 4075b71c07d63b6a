/// Something that is wrong with data: files that cannot be used, or text that does not fit.
public struct DataError: Error, Hashable, Sendable {
    /// What kind of mistake it is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A file that does not exist, or a pattern that matches none.
        case missing
        /// A file that exists but may not be opened, or is no ordinary file.
        case unreadable
        /// A file whose path is right, but whose device or system failed.
        case failed
        /// A file that is no longer as it was when it was first read.
        case changed
        /// Contents or settings that cannot be understood.
        case invalid
        /// Fewer data than the settings need.
        case tooShort
        /// More data than the limits allow.
        case tooLarge
        /// A character or word that the vocabulary does not hold.
        case unknownToken
    }

    /// What kind of mistake it is.
    public var kind: Kind
    /// One sentence that says what is wrong, without a final full stop.
    public var message: String
    /// The file or pattern, if the mistake belongs to one.
    public var path: String?
    /// What to do about it, in a few words.
    public var hint: String?

    /// Creates an error.
    public init(_ kind: Kind, _ message: String, path: String? = nil, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.path = path
        self.hint = hint
    }
}

extension DataError: CustomStringConvertible {
    /// The path, message and hint on one line.
    public var description: String {
        (path.map { "\($0): " } ?? "") + message + (hint.map { " (\($0))" } ?? "")
    }
}
