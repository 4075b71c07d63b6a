/// Joins files into one text.
struct TextReader {
    /// Whether the text must be UTF-8; byte order marks are then dropped.
    let isUTF8: Bool
    let limits: ReadLimits

    /// The bytes of all files, a newline between two where the first does not end in one.
    ///
    /// A short text is read here; of the files of a long one only both ends are.
    func join(_ files: [FoundFile]) throws(DataError) -> JoinedText {
        var total = 0
        for file in files {
            guard file.status.size <= limits.bytes - total else { throw tooLarge(file) }
            total += file.status.size
        }
        let isShort = total <= limits.bytesInMemory
        var text = JoinedText()
        var endsInNewline = true
        for file in files {
            // Some file systems say 0 for files with contents.
            let content: JoinedText.Content =
                isShort || file.status.size == 0
                ? .bytes(try read(file, room: limits.bytes - text.count)) : .file(TextFile(file))
            let skipped = isUTF8 ? try markLength(content, file) : 0
            guard content.count > skipped else { continue }
            if !endsInNewline { text.append(.bytes([UInt8(ascii: "\n")]), path: file.path) }
            text.append(content, skipping: skipped, path: file.path)
            let last = try content.bytes(content.count - 1..<content.count)
            endsInNewline = last == [UInt8(ascii: "\n")]
        }
        guard text.count > 0 else { throw empty(files) }
        return text
    }

    /// All bytes of a file.
    private func read(_ file: FoundFile, room: Int) throws(DataError) -> [UInt8] {
        try OpenFile.with(file.path, named: file.path) { (open, status) throws(DataError) in
            guard status.size <= room else { throw tooLarge(file) }
            // The size of now, so that a file that grows meanwhile ends where it stood.
            if status.size > 0 { return try open.bytes(from: 0, upTo: status.size) }
            var bytes: [UInt8] = []
            while true {
                let more = try open.bytes(from: bytes.count, upTo: 1 << 16)
                bytes += more
                guard bytes.count <= room else { throw tooLarge(file) }
                if more.isEmpty { return bytes }
            }
        }
    }

    /// Bytes of the byte order mark; refuses that of UTF-16.
    private func markLength(
        _ content: JoinedText.Content, _ file: FoundFile
    ) throws(DataError) -> Int {
        let start = try content.bytes(0..<min(3, content.count))
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
            throw DataError(
                .invalid, "the file seems to be UTF-16", path: file.path, hint: "save it as UTF-8")
        }
        return start == [0xEF, 0xBB, 0xBF] ? 3 : 0
    }

    // MARK: Errors

    private func empty(_ files: [FoundFile]) -> DataError {
        let only = files.count == 1 ? files.first?.path : nil
        return DataError(
            .tooShort, only == nil ? "all \(files.count) files are empty" : "the file is empty",
            path: only)
    }

    private func tooLarge(_ file: FoundFile) -> DataError {
        let limit =
            limits.bytes % (1 << 30) == 0 ? "\(limits.bytes >> 30) GiB" : "\(limits.bytes) bytes"
        return DataError(
            .tooLarge, "with this file the text exceeds \(limit)", path: file.path,
            hint: "name fewer files")
    }
}
