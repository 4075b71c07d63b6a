#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The operating system's files.
///
/// Calls that a signal interrupts are tried again.
package struct SystemFileLayer: FileLayer {
    /// Some systems refuse to read or write more than this at once.
    private static let largestTransfer = 1 << 30

    /// Creates the layer; it has no state.
    package init() {}

    package func open(_ path: String, _ mode: OpenMode) throws(FileFailure) -> OpenFile {
        // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        let flags =
            switch mode {
            case .read: O_RDONLY | O_NONBLOCK
            case .new: O_WRONLY | O_CREAT | O_EXCL
            case .append: O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK
            case .lock: O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
            }
        let operation: FileFailure.Operation = mode == .read ? .open : .create
        try Self.checkPath(path, operation)
        let descriptor = try Self.retrying(operation, path) {
            #if canImport(Darwin)
                Darwin.open(path, flags | O_CLOEXEC, 0o666)
            #elseif canImport(Musl)
                Musl.open(path, flags | O_CLOEXEC, 0o666)
            #else
                Glibc.open(path, flags | O_CLOEXEC, 0o666)
            #endif
        }
        return OpenFile(descriptor: descriptor, path: path)
    }

    package func status(of file: OpenFile) throws(FileFailure) -> FileStatus {
        var info = stat()
        try Self.retrying(.inspect, file.path) { fstat(file.descriptor, &info) }
        return Self.status(info)
    }

    package func status(of path: String) throws(FileFailure) -> FileStatus? {
        try Self.checkPath(path, .inspect)
        var info = stat()
        do throws(FileFailure) {
            try Self.retrying(.inspect, path) { stat(path, &info) }
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        return Self.status(info)
    }

    package func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileFailure) -> Int {
        let count = min(buffer.count, Self.largestTransfer)
        return try Self.retrying(.read, file.path) {
            #if canImport(Darwin)
                Darwin.read(file.descriptor, buffer.baseAddress, count)
            #elseif canImport(Musl)
                Musl.read(file.descriptor, buffer.baseAddress, count)
            #else
                Glibc.read(file.descriptor, buffer.baseAddress, count)
            #endif
        }
    }

    package func write(
        _ bytes: UnsafeRawBufferPointer, to file: OpenFile
    ) throws(FileFailure) -> Int {
        let count = min(bytes.count, Self.largestTransfer)
        return try Self.retrying(.write, file.path) {
            #if canImport(Darwin)
                Darwin.write(file.descriptor, bytes.baseAddress, count)
            #elseif canImport(Musl)
                Musl.write(file.descriptor, bytes.baseAddress, count)
            #else
                Glibc.write(file.descriptor, bytes.baseAddress, count)
            #endif
        }
    }

    package func synchronize(_ file: OpenFile) throws(FileFailure) {
        #if canImport(Darwin)
            // There, fsync leaves the bytes in the drive's cache.
            if fcntl(file.descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        try Self.retrying(.synchronize, file.path) { fsync(file.descriptor) }
    }

    package func synchronizeFolder(_ path: String) throws(FileFailure) {
        let folder = try open(path, .read)
        defer { try? close(folder) }
        do throws(FileFailure) {
            try Self.retrying(.synchronizeFolder, path) { fsync(folder.descriptor) }
        } catch {
            // Some file systems cannot sync a folder; then there is nothing more to do.
            guard error.code == EINVAL || error.code == ENOTSUP else { throw error }
        }
    }

    package func lock(_ file: OpenFile) throws(FileFailure) {
        try Self.retrying(.lock, file.path) { flock(file.descriptor, LOCK_EX | LOCK_NB) }
    }

    package func truncate(_ file: OpenFile, to length: Int) throws(FileFailure) {
        try Self.retrying(.truncate, file.path) { ftruncate(file.descriptor, off_t(length)) }
    }

    package func close(_ file: OpenFile) throws(FileFailure) {
        #if canImport(Darwin)
            let result = Darwin.close(file.descriptor)
        #elseif canImport(Musl)
            let result = Musl.close(file.descriptor)
        #else
            let result = Glibc.close(file.descriptor)
        #endif
        // The number is free again even after EINTR: closing it twice could hit another file.
        if result != 0, errno != EINTR { throw FileFailure(.close, file.path, code: errno) }
    }

    package func rename(_ path: String, to newPath: String) throws(FileFailure) {
        try Self.checkPath(newPath, .rename)
        try Self.retrying(.rename, newPath) {
            #if canImport(Darwin)
                Darwin.rename(path, newPath)
            #elseif canImport(Musl)
                Musl.rename(path, newPath)
            #else
                Glibc.rename(path, newPath)
            #endif
        }
    }

    package func remove(_ path: String) throws(FileFailure) {
        try Self.checkPath(path, .remove)
        try Self.retrying(.remove, path) { unlink(path) }
    }

    package func createFolder(_ path: String) throws(FileFailure) {
        try Self.checkPath(path, .createFolder)
        try Self.retrying(.createFolder, path) { mkdir(path, 0o777) }
    }

    package func list(_ path: String) throws(FileFailure) -> [String] {
        try Self.checkPath(path, .list)
        guard let folder = opendir(path) else { throw FileFailure(.list, path, code: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                if errno != 0 { throw FileFailure(.list, path, code: errno) }
                return names.sorted()
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    private static func status(_ info: stat) -> FileStatus {
        let kind: FileStatus.Kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .special
            }
        let identity = FileStatus.Identity(
            device: UInt64(truncatingIfNeeded: info.st_dev),
            number: UInt64(truncatingIfNeeded: info.st_ino))
        return FileStatus(kind: kind, size: Int(info.st_size), identity: identity)
    }

    /// The system would cut a path at a NUL and work on another file.
    private static func checkPath(
        _ path: String, _ operation: FileFailure.Operation
    ) throws(FileFailure) {
        if path.utf8.contains(0) { throw FileFailure(operation, path, code: EINVAL) }
    }

    @discardableResult
    private static func retrying<Result: FixedWidthInteger>(
        _ operation: FileFailure.Operation, _ path: String, _ call: () -> Result
    ) throws(FileFailure) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw FileFailure(operation, path, code: code) }
        }
    }
}
