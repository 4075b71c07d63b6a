import StrataSchema

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Writes files that are either the old ones or the new ones, whatever happens in between.
package enum AtomicFile {
    /// How the names of unfinished files start, so that leftovers of a kill can be told.
    package static let temporaryPrefix = ".strata-tmp-"

    /// Replaces the file at a path by the streams' bytes, one after the other.
    ///
    /// The bytes go to a new file beside the target, to the device, and only then to the target's
    /// name. A symbolic link at the path is itself replaced, never followed.
    ///
    /// - Throws: ``FormatError``. The target then is what it was; only where syncing the folder
    ///   fails it is already the new file, whose name may not outlast a power loss.
    package static func write(
        _ streams: [ByteStream], to path: String,
        layer: any FileLayer = SystemFileLayer()
    ) throws(FormatError) {
        try begin(streams, to: path, layer: layer).finish()
    }

    /// The first half of ``write(_:to:layer:)``: all bytes are fetched and in a new file.
    ///
    /// - Throws: ``FormatError``; nothing is left of the new file then.
    static func begin(
        _ streams: [ByteStream], to path: String, layer: any FileLayer
    ) throws(FormatError) -> UnfinishedFile {
        do throws(FileFailure) {
            let file = try openTemporary(for: path, layer)
            let unfinished = UnfinishedFile(target: path, file: file, layer: layer)
            do throws(FileFailure) {
                for stream in streams {
                    try stream.forEachPiece { (piece) throws(FileFailure) in
                        try layer.writeAll(piece, to: file)
                    }
                }
            } catch {
                unfinished.discard()
                throw error
            }
            return unfinished
        } catch {
            throw FormatError(writing: error, path: path)
        }
    }

    /// Replaces the file at a path by a text in UTF-8.
    package static func write(
        _ text: String, to path: String, layer: any FileLayer = SystemFileLayer()
    ) throws(FormatError) {
        try write([ByteStream(Array(text.utf8)[...])], to: path, layer: layer)
    }

    /// Finds out, before the work for it begins, whether a file could be made at a path.
    ///
    /// - Throws: ``FormatError``, the one that writing would throw.
    package static func checkWritable(
        _ path: String, layer: any FileLayer = SystemFileLayer()
    ) throws(FormatError) {
        do throws(FileFailure) {
            let file = try openTemporary(for: path, layer)
            try? layer.close(file)
            try layer.remove(file.path)
        } catch {
            throw FormatError(writing: error, path: path)
        }
    }

    /// Finds out whether files can be removed from a folder: who may make them there may do that.
    ///
    /// - Throws: ``FormatError``, the one that removing would throw.
    static func checkRemovable(
        from folder: String, layer: any FileLayer
    ) throws(FormatError) {
        do throws(FileFailure) {
            let file = try openTemporary(for: folder + "/file", layer)
            try? layer.close(file)
            try layer.remove(file.path)
        } catch {
            throw FormatError(writing: FileFailure(.remove, folder + "/*", code: error.code))
        }
    }

    /// Whether a file name is one of an unfinished file.
    package static func isTemporary(_ name: String) -> Bool { name.hasPrefix(temporaryPrefix) }

    /// The folder that holds a path: `a/b` for `a/b/c`, `.` for `c`, `/` for `/c`.
    package static func folder(of path: String) -> String {
        var bytes = path.utf8[...]
        let slash = UInt8(ascii: "/")
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        guard let last = bytes.lastIndex(of: slash) else { return "." }
        bytes = bytes[..<last]
        while bytes.last == slash { bytes.removeLast() }
        return bytes.isEmpty ? "/" : String(Substring(bytes))
    }

    /// The last part of a path: `c` for `a/b/c`.
    static func name(of path: String) -> String { PathText.split(path).name }

    private static func openTemporary(
        for path: String, _ layer: any FileLayer
    ) throws(FileFailure) -> OpenFile {
        guard !path.isEmpty else { throw FileFailure(.create, path, code: ENOENT) }
        guard !path.hasSuffix("/") else { throw FileFailure(.create, path, code: EISDIR) }
        // Renaming over a device or pipe would put a plain file in its place.
        if let status = try layer.status(of: path), status.kind != .file {
            let code = status.kind == .folder ? EISDIR : EINVAL
            throw FileFailure(.create, path, code: code)
        }
        let folder = folder(of: path)
        var attempts = 0
        while true {
            let number = String(UInt64.random(in: .min ... .max), radix: 36)
            do throws(FileFailure) {
                return try layer.open("\(folder)/\(temporaryPrefix)\(number)", .new)
            } catch {
                attempts += 1
                guard error.code == EEXIST, attempts < 8 else { throw error }
            }
        }
    }
}
