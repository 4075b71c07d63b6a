import Foundation

/// Reads files and joins them into one text.
struct TextReader {
    /// Whether the text must be UTF-8 without NUL; byte order marks are then dropped.
    let isUTF8: Bool
    let limits: ReadLimits

    /// The bytes of all files, a newline between two where the first does not end in one.
    func read(_ files: [FoundFile]) throws(DataError) -> [UInt8] {
        var total = 0
        for file in files {
            guard file.status.size <= limits.bytes - total else { throw tooLarge(file) }
            total += file.status.size
        }
        var text: [UInt8] = []
        // Room for a newline after each file.
        text.reserveCapacity(total + files.count)
        for file in files {
            let bytes = try read(file, room: limits.bytes - text.count)
            if isUTF8 { try checkUTF8(bytes, file) }
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            let content = isUTF8 && bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
            if let last = text.last, last != UInt8(ascii: "\n"), !content.isEmpty {
                text.append(UInt8(ascii: "\n"))
            }
            text.append(contentsOf: content)
        }
        guard !text.isEmpty else {
            let only = files.count == 1 ? files.first?.path : nil
            throw DataError(
                .tooShort, only == nil ? "all \(files.count) files are empty" : "the file is empty",
                path: only)
        }
        return text
    }

    // MARK: One file

    private func read(_ file: FoundFile, room: Int) throws(DataError) -> [UInt8] {
        // Without O_NONBLOCK, opening a pipe that took the file's place would wait for a writer.
        let descriptor = open(file.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(SystemError(code: errno), file) }
        defer { close(descriptor) }
        let status = try reading(file) { () throws(SystemError) in
            try FileStatus(ofDescriptor: descriptor)
        }
        guard status.kind == .file else { throw FileFinder.notOrdinary(file.path) }
        guard status.size <= room else { throw tooLarge(file) }
        // The size of now, so that a file that grows meanwhile ends where it stood.
        if status.size > 0 {
            return try reading(file) { () throws(SystemError) in
                try Self.read(descriptor, upTo: status.size)
            }
        }
        // Some file systems say 0 for files with contents.
        var bytes: [UInt8] = []
        while true {
            let more = try reading(file) { () throws(SystemError) in
                try Self.read(descriptor, upTo: 1 << 16)
            }
            bytes += more
            guard bytes.count <= room else { throw tooLarge(file) }
            if more.isEmpty { return bytes }
        }
    }

    private func reading<Result>(
        _ file: FoundFile, _ body: () throws(SystemError) -> Result
    ) throws(DataError) -> Result {
        do { return try body() } catch { throw failure(error, file) }
    }

    private static func read(
        _ descriptor: Int32, upTo size: Int
    ) throws(SystemError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let rest = UnsafeMutableRawBufferPointer(buffer)[count..<size]
                let target = UnsafeMutableRawBufferPointer(rebasing: rest)
                let length = Foundation.read(descriptor, target.baseAddress, target.count)
                if length == 0 { return }
                if length > 0 {
                    count += length
                } else if errno != EINTR {
                    code = errno
                    return
                }
            }
        }
        if code != 0 { throw SystemError(code: code) }
        return bytes
    }

    // MARK: Errors

    private func checkUTF8(_ bytes: [UInt8], _ file: FoundFile) throws(DataError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw DataError(
                .invalid, "the file seems to be UTF-16", path: file.path, hint: "save it as UTF-8")
        }
        guard let problem = bytes.withUnsafeBufferPointer({ UTF8Rules.firstProblem(in: $0) }) else {
            return
        }
        let line = 1 + bytes[..<problem].count { $0 == UInt8(ascii: "\n") }
        let place = "at byte offset \(problem) (line \(line))"
        if bytes[problem] == 0 {
            throw DataError(
                .invalid, "a NUL byte \(place): this seems to be a binary file", path: file.path,
                hint: "name text files only, or choose 'tokens: bytes'")
        }
        throw DataError(
            .invalid, "not valid UTF-8 \(place)", path: file.path,
            hint: "save the file as UTF-8, or choose 'tokens: bytes'")
    }

    private func failure(_ error: SystemError, _ file: FoundFile) -> DataError {
        DataError(
            error.isMissing ? .missing : .unreadable, "cannot be read: \(error.reason)",
            path: file.path)
    }

    private func tooLarge(_ file: FoundFile) -> DataError {
        let limit =
            limits.bytes % (1 << 20) == 0 ? "\(limits.bytes >> 20) MiB" : "\(limits.bytes) bytes"
        return DataError(
            .tooLarge, "with this file the text exceeds \(limit)", path: file.path,
            hint: "name fewer files")
    }
}
