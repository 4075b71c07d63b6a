import Foundation
package import StrataSchema

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads regular files, and nothing that could block or never end.
package enum FileReader {
    /// What tells one file from another whatever its path is.
    package struct Identity: Hashable, Sendable {
        var device: UInt64
        var node: UInt64
    }

    /// The bytes of a regular file.
    ///
    /// - Parameters:
    ///   - path: the file; relative paths start at the working folder.
    ///   - limits: files larger than `fileBytes` are refused.
    ///   - location: the place that names the file, for messages.
    package static func read(
        path: String, limits: YAMLLimits, at location: SourceLocation?
    ) throws(Diagnostic) -> (bytes: [UInt8], identity: Identity) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw Diagnostic(.file, "'\(path)' cannot be the name of a file", at: location)
        }
        var info = stat()
        guard stat(path, &info) == 0 else { throw missing(path, errno, at: location) }
        try check(info, path, limits, at: location)
        // Without O_NONBLOCK a FIFO put in the file's place since would hang the open.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw missing(path, errno, at: location) }
        defer { close(descriptor) }
        guard fstat(descriptor, &info) == 0 else { throw missing(path, errno, at: location) }
        try check(info, path, limits, at: location)
        let bytes = try read(
            descriptor: descriptor, name: "'\(path)'", limits: limits, at: location)
        return (
            bytes,
            Identity(
                device: UInt64(truncatingIfNeeded: info.st_dev),
                node: UInt64(truncatingIfNeeded: info.st_ino))
        )
    }

    /// All bytes of an open descriptor, such as standard input.
    package static func read(
        descriptor: Int32, name: String, limits: YAMLLimits, at location: SourceLocation?
    ) throws(Diagnostic) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limits.fileBytes {
            let count = buffer.withUnsafeMutableBytes {
                #if canImport(Glibc)
                    Glibc.read(descriptor, $0.baseAddress, $0.count)
                #elseif canImport(Musl)
                    Musl.read(descriptor, $0.baseAddress, $0.count)
                #else
                    Darwin.read(descriptor, $0.baseAddress, $0.count)
                #endif
            }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                let code = errno
                throw Diagnostic(
                    code == EISDIR ? .file : .device, "\(name) cannot be read: \(reason(code))",
                    at: location)
            }
            bytes += buffer[..<count]
        }
        throw .fileTooLarge(nil, limits, name: name, at: location)
    }

    private static func check(
        _ info: stat, _ path: String, _ limits: YAMLLimits, at location: SourceLocation?
    ) throws(Diagnostic) {
        let kind: String
        switch info.st_mode & S_IFMT {
        case S_IFREG:
            guard info.st_size <= limits.fileBytes else {
                throw .fileTooLarge(Int(info.st_size), limits, name: "'\(path)'", at: location)
            }
            return
        case S_IFDIR: kind = "a folder"
        case S_IFIFO: kind = "a pipe"
        case S_IFSOCK: kind = "a socket"
        case S_IFCHR, S_IFBLK: kind = "a device"
        default: kind = "a special file"
        }
        let hint = kind == "a pipe" ? "'-' reads standard input" : onlyFile(in: path)
        throw Diagnostic(.file, "'\(path)' is \(kind), not a file", at: location, hint: hint)
    }

    private static func missing(
        _ path: String, _ code: Int32, at location: SourceLocation?
    ) -> Diagnostic {
        switch code {
        case ENOENT, ENOTDIR:
            var info = stat()
            if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFLNK {
                return Diagnostic(
                    .file, "'\(path)' is a link to a file that does not exist", at: location)
            }
            return Diagnostic(
                .file, "there is no file '\(path)'", at: location, hint: neighbour(of: path))
        case EACCES, EPERM:
            return Diagnostic(.file, "'\(path)' may not be read", at: location)
        case ELOOP:
            return Diagnostic(.file, "'\(path)' is a link that leads in a circle", at: location)
        default:
            return Diagnostic(
                .init(systemError: code), "'\(path)' cannot be read: \(reason(code))", at: location)
        }
    }

    private static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    /// The file of the same folder with the nearest name.
    private static func neighbour(of path: String) -> String? {
        let (folder, name) = PathText.split(path)
        return Suggestion.nearest(to: name, among: configurations(in: folder))
            .map { "did you mean '\(PathText.resolve($0, from: path))'?" }
    }

    /// The file that is meant where a folder, such as a run's, has just one.
    private static func onlyFile(in path: String) -> String? {
        let folder = path.hasSuffix("/") ? path : path + "/"
        let names = configurations(in: folder)
        return names.count == 1 ? "did you mean '\(folder)\(names[0])'?" : nil
    }

    private static func configurations(in folder: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: folder.isEmpty ? "." : folder)
        return (names ?? []).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    }
}
