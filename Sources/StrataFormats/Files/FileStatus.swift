/// What is at a path.
package struct FileStatus: Hashable, Sendable {
    /// The kinds that matter here.
    package enum Kind: Hashable, Sendable {
        case file, folder
        /// A pipe, socket or device.
        case special
    }

    /// What it is.
    package var kind: Kind
    /// Its size in bytes.
    package var size: Int
}
