internal import StrataSchema

/// What is wrong with a file, with the facts to find and mend it.
///
/// Reading and writing throw it; they never trap on what a file holds.
public struct FormatError: Error, Hashable, Sendable {
    /// What kind of trouble it is.
    public enum Kind: Hashable, Sendable {
        /// Nothing is at the path.
        case missing
        /// Something is at the path, but it cannot be read; `errno` is the system's reason.
        case unreadable(errno: Int32)
        /// A file or folder cannot be made; `errno` is the system's reason, 0 where it has none.
        case cannotCreate(errno: Int32)
        /// Writing, syncing or renaming failed: disk full, quota, broken device.
        case writeFailed(errno: Int32)
        /// Another process works in the run folder.
        case locked
        /// The file needs more memory than the machine has.
        case tooLarge
        /// The header claims more than the format allows.
        case headerTooLarge
        /// The header is not what the format asks for.
        case headerInvalid
        /// The file ends before its contents do.
        case truncated
        /// The file goes on after its contents end.
        case trailingBytes
        /// Two tensors claim the same bytes.
        case overlap
        /// Bytes between two tensors belong to none.
        case hole
        /// A tensor's offsets are reversed or negative.
        case offsetsInvalid
        /// A size does not fit an integer.
        case overflow
        /// A tensor's bytes do not match its shape and type.
        case sizeMismatch
        /// The same name stands twice: a tensor's or a key's.
        case duplicateName
        /// A number type or feature that Strata does not read.
        case unsupported
        /// The contents do not match their checksum.
        case checksumMismatch
        /// A number is NaN or infinite where only finite ones make sense.
        case notFinite
        /// The tensors belong to another network.
        case wrongArchitecture
        /// A newer version of Strata wrote the file.
        case newerVersion
        /// Checkpoints exist, but none of them can be read.
        case noReadableCheckpoint
        /// The contents break a rule of their format that no other kind names.
        case contentInvalid
    }

    /// What a caller can do about it, coarser than the kind.
    public enum Category: Hashable, Sendable {
        /// The file's contents are wrong.
        case badData
        /// The file is absent or may not be opened.
        case missing
        /// The file or folder cannot be made where it was asked for.
        case cannotCreate
        /// The device failed or is full.
        case io
    }

    /// What kind of trouble it is.
    public var kind: Kind
    /// One sentence that says what is wrong, without a final full stop.
    public var message: String
    /// The file or folder, as the caller named it; nil for bytes in memory.
    public var path: String?
    /// Where in the file, counted from 0, if a place is known.
    public var byteOffset: Int?
    /// What to do about it, in a few words.
    public var hint: String?

    /// Creates an error.
    package init(
        _ kind: Kind, _ message: String, path: String? = nil, byteOffset: Int? = nil,
        hint: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.path = path
        self.byteOffset = byteOffset
        self.hint = hint
    }

    /// The coarse class of the error, from which a command line picks its exit code.
    public var category: Category {
        switch kind {
        case .missing: .missing
        case .unreadable(let code): FileFailure.isDeviceTrouble(code) ? .io : .missing
        case .cannotCreate, .locked: .cannotCreate
        case .writeFailed: .io
        case .tooLarge, .headerTooLarge, .headerInvalid, .truncated, .trailingBytes, .overlap,
            .hole, .offsetsInvalid, .overflow, .sizeMismatch, .duplicateName, .unsupported,
            .checksumMismatch, .notFinite, .wrongArchitecture, .newerVersion,
            .noReadableCheckpoint, .contentInvalid:
            .badData
        }
    }

    /// The same error about a file: errors found in bytes do not know where these came from.
    package func at(path: String) -> FormatError {
        var error = self
        error.path = error.path ?? path
        return error
    }
}

extension FormatError: CustomStringConvertible {
    /// The message with its file, byte offset and hint, without characters that would steer a terminal.
    public var description: String {
        let place = (path.map { "\($0): " } ?? "") + (byteOffset.map { "byte \($0): " } ?? "")
        return (place + "error: " + message + (hint.map { " (\($0))" } ?? "")).printableLines
    }
}
