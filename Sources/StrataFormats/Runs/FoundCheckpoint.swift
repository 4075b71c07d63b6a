/// A checkpoint that was found and read.
public struct FoundCheckpoint: Sendable {
    /// Its contents.
    public var contents: Safetensors
    /// Its file.
    public var path: String
    /// The step after which it was saved.
    public var step: Int
    /// Newer checkpoints that could not be read, newest first; each error holds its path.
    public var skipped: [FormatError]
}
