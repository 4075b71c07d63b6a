/// How much a source reads before it refuses.
package struct ReadLimits: Sendable {
    /// Most files.
    package var files = 100_000
    /// Most bytes of all files together.
    package var bytes = 1 << 40
    /// Most bytes that are kept in memory; a longer text is read from its files as it is needed.
    package var bytesInMemory = 1 << 25
    /// Most entries of folders that a pattern may look at.
    package var entries = 5_000_000

    /// Creates limits, by default the standard ones.
    package init(
        files: Int = 100_000, bytes: Int = 1 << 40, bytesInMemory: Int = 1 << 25,
        entries: Int = 5_000_000
    ) {
        self.files = files
        self.bytes = bytes
        self.bytesInMemory = bytesInMemory
        self.entries = entries
    }
}
