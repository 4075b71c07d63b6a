import Foundation
import StrataSchema

/// A failed call of the operating system.
struct SystemError: Error {
    let code: Int32

    /// The reason in words: "No such file or directory".
    var reason: String { String(cString: strerror(code)) }
    var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    /// What it makes of a path that was to be read.
    var kind: DataError.Kind {
        if isMissing { return .missing }
        return Diagnostic.Code(systemError: code) == .device ? .failed : .unreadable
    }
}

/// What a path leads to.
struct FileStatus: Sendable {
    enum Kind: Sendable { case file, folder, link, other }

    /// What makes two paths the same file.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    let kind: Kind
    let size: Int
    let identity: Identity
    /// When the contents were last written, in nanoseconds; only good for comparing.
    let modified: Int

    /// Looks at a path; `followingLinks` looks at what a link leads to.
    init(of path: String, followingLinks: Bool) throws(SystemError) {
        var info = stat()
        guard (followingLinks ? stat(path, &info) : lstat(path, &info)) == 0 else {
            throw SystemError(code: errno)
        }
        self.init(info)
    }

    /// Looks at a path of any bytes, not through a link.
    init(ofBytes path: [UInt8]) throws(SystemError) {
        var info = stat()
        let path = path.map { CChar(bitPattern: $0) } + [0]
        guard lstat(path, &info) == 0 else { throw SystemError(code: errno) }
        self.init(info)
    }

    /// Looks at an open file.
    init(ofDescriptor descriptor: Int32) throws(SystemError) {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw SystemError(code: errno) }
        self.init(info)
    }

    private init(_ info: stat) {
        switch info.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        size = Int(info.st_size)
        identity = Identity(
            device: UInt64(truncatingIfNeeded: info.st_dev),
            inode: UInt64(truncatingIfNeeded: info.st_ino))
        #if canImport(Darwin)
            let time = info.st_mtimespec
        #else
            let time = info.st_mtim
        #endif
        modified = Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }

    /// Whether it is the same file with the same contents, as far as the system can tell.
    func isUnchanged(since other: FileStatus) -> Bool {
        kind == other.kind && size == other.size && identity == other.identity
            && modified == other.modified
    }
}
