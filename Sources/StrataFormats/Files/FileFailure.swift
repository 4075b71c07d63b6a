import StrataSchema

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// One operation on a file that the system refused.
package struct FileFailure: Error, Hashable, Sendable {
    /// What was tried.
    package enum Operation: String, Hashable, Sendable {
        case open, create, inspect, read, write, synchronize, synchronizeFolder, lock, truncate
        case close, rename, remove, createFolder, list
    }

    /// What was tried.
    package var operation: Operation
    /// On which path.
    package var path: String
    /// The system's `errno`.
    package var code: Int32

    /// Creates a failure.
    package init(_ operation: Operation, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// Whether the code means that the device failed or is full, not that the path is wrong.
    static func isDeviceTrouble(_ code: Int32) -> Bool {
        Diagnostic.Code(systemError: code) == .device
    }

    /// The code in words; independent of the locale for the codes that people meet.
    static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "no such file or folder"
        case EACCES, EPERM: "permission denied"
        case ENOSPC: "no space is left on the device"
        case EDQUOT: "the disk quota is used up"
        case EROFS: "the file system is read-only"
        case EISDIR: "it is a folder"
        case ENOTDIR: "a part of the path is not a folder"
        case EEXIST: "something of that name exists already"
        case EIO: "the device reports an input/output error"
        case ELOOP: "symbolic links lead in a circle"
        case ENAMETOOLONG: "the name is too long"
        case EMFILE, ENFILE: "too many files are open"
        case EFBIG: "the file would be too large"
        case EINVAL: "the path or operation is not valid here"
        default: strerror(code).map { String(cString: $0) } ?? "error \(code)"
        }
    }
}

extension FormatError {
    /// The error of reading that a failed operation means.
    package init(reading failure: FileFailure, path: String? = nil) {
        let path = path ?? failure.path
        switch failure.code {
        case ENOENT, ENOTDIR:
            self.init(.missing, "there is no such file or folder", path: path)
        default:
            self.init(
                .unreadable(errno: failure.code),
                "cannot be read: \(FileFailure.reason(failure.code))", path: path)
        }
    }

    /// The error of writing that a failed operation means.
    ///
    /// `path` replaces the failure's own where that is a temporary name nobody knows.
    package init(writing failure: FileFailure, path: String? = nil) {
        let path = path ?? failure.path
        let reason = FileFailure.reason(failure.code)
        if failure.operation != .write, !FileFailure.isDeviceTrouble(failure.code) {
            let isRemoval = failure.operation == .remove
            self.init(
                .cannotCreate(errno: failure.code),
                "cannot be \(isRemoval ? "removed" : "created"): \(reason)", path: path,
                hint: failure.code == ENOENT ? "its folder does not exist" : nil)
        } else {
            let isFull = failure.code == ENOSPC || failure.code == EDQUOT
            self.init(
                .writeFailed(errno: failure.code), "cannot be written: \(reason)", path: path,
                hint: isFull ? "free some space and run again" : nil)
        }
    }
}
