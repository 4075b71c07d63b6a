#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension Diagnostic.Code {
    /// What the system's `errno` says of an operation on a path: `.file` where the path is wrong or may
    /// not be used, `.device` where it is right and a device or the system itself failed.
    package init(systemError code: Int32) {
        switch code {
        case ENOENT, ENOTDIR, EACCES, EPERM, EROFS, EISDIR, EEXIST, ELOOP, ENAMETOOLONG, EINVAL,
            ENXIO, ENOTEMPTY, EXDEV, ETXTBSY, EBUSY, 0:
            self = .file
        default: self = .device
        }
    }
}
