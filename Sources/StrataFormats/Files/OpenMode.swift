/// What a file is opened for.
package enum OpenMode: Hashable, Sendable {
    /// Reading what exists.
    case read
    /// Writing a file that must not exist yet.
    case new
    /// Adding to the end, making the file if need be.
    case append
    /// Locking, reading and replacing the small text of a lock file.
    case lock
}
