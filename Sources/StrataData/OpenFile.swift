import Foundation

/// An open file, for as long as a closure runs.
struct OpenFile {
    private let descriptor: Int32
    private let path: String

    /// Opens a file for reading and closes it when `body` ends.
    ///
    /// - Throws: ``DataError`` where the file cannot be opened or is no ordinary file, and what
    ///   `body` throws.
    static func with<Result>(
        _ path: String, named name: String,
        _ body: (OpenFile, FileStatus) throws(DataError) -> Result
    ) throws(DataError) -> Result {
        // Without O_NONBLOCK, opening a pipe that took the file's place would wait for a writer. The path
        // is lent, since passing it as it is would copy it, at every read of a long text.
        let descriptor = path.withCString {
            open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        }
        guard descriptor >= 0 else {
            let error = SystemError(code: errno)
            throw failure(error.kind, error, name)
        }
        defer { close(descriptor) }
        let file = OpenFile(descriptor: descriptor, path: name)
        let status = try file.status()
        guard status.kind == .file else { throw FileFinder.notOrdinary(name) }
        return try body(file, status)
    }

    /// What the file is now.
    func status() throws(DataError) -> FileStatus {
        do { return try FileStatus(ofDescriptor: descriptor) } catch {
            throw Self.failure(.failed, error, path)
        }
    }

    /// Reads up to the end of `target` or of the file; returns how many bytes were read.
    func read(from offset: Int, into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int
    {
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let length = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if length == 0 { break }
            if length > 0 {
                done += length
            } else if errno != EINTR {
                throw Self.failure(.failed, SystemError(code: errno), path)
            }
        }
        return done
    }

    /// The bytes from `offset` on, at most `count` of them.
    func bytes(from offset: Int, upTo count: Int) throws(DataError) -> [UInt8] {
        var failure: DataError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            do throws(DataError) {
                length = try read(from: offset, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    private static func failure(
        _ kind: DataError.Kind, _ error: SystemError, _ path: String
    ) -> DataError {
        DataError(kind, "cannot be read: \(error.reason)", path: path)
    }
}
