#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension FileLayer {
    /// Writes all bytes, however many calls that takes.
    package func writeAll(
        _ bytes: ArraySlice<UInt8>, to file: OpenFile
    ) throws(FileFailure) {
        let failure: FileFailure? = bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            do throws(FileFailure) {
                while !rest.isEmpty {
                    let count = try write(UnsafeRawBufferPointer(rebasing: rest), to: file)
                    // A device that takes nothing without an error would loop for ever.
                    guard count > 0 else { return FileFailure(.write, file.path, code: EIO) }
                    rest = rest.dropFirst(count)
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Reads `count` bytes, fewer only where the file ends before.
    package func readAll(_ count: Int, from file: OpenFile) throws(FileFailure) -> [UInt8] {
        var failure: FileFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(FileFailure) {
                while initialized < count {
                    let rest = UnsafeMutableBufferPointer(rebasing: buffer[initialized..<count])
                    let got = try read(file, into: UnsafeMutableRawBufferPointer(rest))
                    guard got > 0 else { return }
                    initialized += got
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Opens a regular file for reading and hands it, with its size, to `body`.
    ///
    /// - Throws: ``FormatError`` `.missing` or `.unreadable` for folders, pipes and devices too.
    package func withFile<Result>(
        _ path: String, _ body: (OpenFile, _ size: Int) throws(FormatError) -> Result
    ) throws(FormatError) -> Result {
        let file: OpenFile
        do throws(FileFailure) { file = try open(path, .read) } catch {
            throw FormatError(reading: error)
        }
        // Nothing was written, so a failed close loses nothing.
        defer { try? close(file) }
        let status: FileStatus
        do throws(FileFailure) { status = try self.status(of: file) } catch {
            throw FormatError(reading: error)
        }
        switch status.kind {
        case .file: return try body(file, status.size)
        case .folder:
            throw FormatError(
                .unreadable(errno: EISDIR), "is a folder where a file is wanted", path: path)
        case .special:
            throw FormatError(
                .unreadable(errno: EINVAL), "is a pipe, socket or device, not a file", path: path)
        }
    }

    /// All bytes of a regular file.
    ///
    /// - Parameter limit: the size in bytes above which the file is refused unread.
    package func contents(
        of path: String, limit: Int = SystemMemory.available
    ) throws(FormatError) -> [UInt8] {
        try withFile(path) { (file, size) throws(FormatError) in
            try SystemMemory.check(size, limit: limit, path: path)
            return try contents(size, of: file)
        }
    }

    /// The next `count` bytes of an open file, fewer only where it ends before.
    package func contents(_ count: Int, of file: OpenFile) throws(FormatError) -> [UInt8] {
        do throws(FileFailure) { return try readAll(count, from: file) } catch {
            throw FormatError(reading: error)
        }
    }

    /// Adds bytes to the end of a file with one write; a failed one leaves no partial text.
    package func append(_ bytes: [UInt8], to path: String) throws(FormatError) {
        do throws(FileFailure) {
            let file = try open(path, .append)
            do throws(FileFailure) {
                let size = try status(of: file).size
                do throws(FileFailure) { try writeAll(bytes[...], to: file) } catch {
                    try? truncate(file, to: size)
                    throw error
                }
            } catch {
                try? close(file)
                throw error
            }
            try close(file)
        } catch {
            throw FormatError(writing: error)
        }
    }

    /// Makes a folder and the folders above it; one that exists is fine.
    package func createFolders(_ path: String) throws(FormatError) {
        do throws(FileFailure) {
            if let status = try status(of: path) {
                guard status.kind == .folder else {
                    throw FileFailure(.createFolder, path, code: EEXIST)
                }
                return
            }
        } catch {
            throw FormatError(writing: error)
        }
        let parent = AtomicFile.folder(of: path)
        if parent != path { try createFolders(parent) }
        do throws(FileFailure) {
            do throws(FileFailure) { try createFolder(path) } catch {
                // Another process may have been faster.
                guard error.code == EEXIST, try status(of: path)?.kind == .folder else {
                    throw error
                }
            }
            try synchronizeFolder(parent)
        } catch {
            throw FormatError(writing: error)
        }
    }
}
