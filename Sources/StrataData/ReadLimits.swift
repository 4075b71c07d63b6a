/// How much a source reads before it refuses.
package struct ReadLimits: Sendable {
    /// Most files.
    package var files = 100_000
    /// Most bytes of all files together; tokens of that many bytes fit in memory as Int32.
    package var bytes = 1 << 30
    /// Most entries of folders that a pattern may look at.
    package var entries = 5_000_000

    package init(files: Int = 100_000, bytes: Int = 1 << 30, entries: Int = 5_000_000) {
        self.files = files
        self.bytes = bytes
        self.entries = entries
    }
}
