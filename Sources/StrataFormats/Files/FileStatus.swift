/// What is at a path.
package struct FileStatus: Hashable, Sendable {
    /// The kinds that matter here.
    package enum Kind: Hashable, Sendable {
        case file, folder
        /// A pipe, socket or device.
        case special
    }

    /// Which file it is, by whatever path it was found.
    package struct Identity: Hashable, Sendable {
        package var device: UInt64
        package var number: UInt64
    }

    /// What it is.
    package var kind: Kind
    /// Its size in bytes.
    package var size: Int
    /// Which one it is; no other file has it as long as this one is there or open.
    package var identity: Identity
}
