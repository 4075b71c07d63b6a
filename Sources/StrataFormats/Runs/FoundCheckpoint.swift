/// A checkpoint that was found and read.
public struct FoundCheckpoint: Sendable {
    /// Its contents.
    public var contents: Safetensors
    /// Its file.
    public var path: String
    /// The step that its name says it was saved after; nil for the best checkpoint.
    public var step: Int?
    /// Newer checkpoints that could not be read, newest first; each error holds its path.
    public var skipped: [FormatError]
}
