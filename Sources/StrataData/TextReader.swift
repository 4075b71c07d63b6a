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
        // Some file systems say 0 for files with contents, and those of a device may have no end.
        var room = limits.bytesInMemory - (isShort ? total : 0)
        var text = JoinedText()
        var endsInNewline = true
        for file in files {
            let content: JoinedText.Content
            if file.status.size == 0 {
                let bytes = try readToEnd(file, room: room)
                room -= bytes.count
                content = .bytes(bytes)
            } else {
                content = isShort ? .bytes(try read(file)) : .file(TextFile(file))
            }
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

    /// The bytes that a file had when it was found; a file that grows meanwhile ends where it stood.
    private func read(_ file: FoundFile) throws(DataError) -> [UInt8] {
        try OpenFile.with(file.path, named: file.path) { (open, _) throws(DataError) in
            try open.bytes(from: 0, upTo: file.status.size)
        }
    }

    /// All bytes of a file that says that it has none.
    private func readToEnd(_ file: FoundFile, room: Int) throws(DataError) -> [UInt8] {
        try OpenFile.with(file.path, named: file.path) { (open, _) throws(DataError) in
            var bytes: [UInt8] = []
            while true {
                let more = try open.bytes(from: bytes.count, upTo: 1 << 16)
                if more.isEmpty { return bytes }
                guard more.count <= room - bytes.count else {
                    throw DataError(
                        .tooLarge,
                        "the file gives its size as 0, and holds more than there is room for in memory",
                        path: file.path, hint: "copy it to an ordinary file")
                }
                bytes += more
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
