/// What saving a checkpoint did.
public struct SavedCheckpoint: Sendable {
    /// The new file.
    public var path: String
    /// Older files that were removed.
    public var removed: [String]
    /// Older files that should have been removed and could not be.
    public var failures: [FormatError]
}
