/// The bytes of several files one after another, in memory or read as they are needed.
struct JoinedText: Sendable {
    /// The bytes of one file.
    enum Content: Sendable {
        case bytes([UInt8])
        case file(TextFile)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(let file): file.count
            }
        }

        /// Fills `target` with the bytes from `offset` on, which there must be.
        func read(
            from offset: Int, into target: UnsafeMutableBufferPointer<UInt8>
        ) throws(DataError) {
            switch self {
            case .bytes(let bytes):
                _ = target.update(fromContentsOf: bytes[offset..<offset + target.count])
            case .file(let file):
                try file.read(from: offset, into: UnsafeMutableRawBufferPointer(target))
            }
        }

        /// The bytes of a short range, which there must be.
        func bytes(_ range: Range<Int>) throws(DataError) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: range.count)
            try bytes.withUnsafeMutableBufferPointer { target throws(DataError) in
                try read(from: range.lowerBound, into: target)
            }
            return bytes
        }
    }

    private struct Piece: Sendable {
        /// Where the piece starts in the text.
        let start: Int
        /// Bytes at the start of the content that are not in the text.
        let skipped: Int
        let content: Content
        /// The file, for messages.
        let path: String
    }

    private var pieces: [Piece] = []
    /// Bytes in all.
    private(set) var count = 0

    /// Appends content without its first `skipped` bytes.
    mutating func append(_ content: Content, skipping skipped: Int = 0, path: String) {
        pieces.append(Piece(start: count, skipped: skipped, content: content, path: path))
        count += content.count - skipped
    }

    /// Fills `target` with the bytes from `offset` on, which the text must have.
    func read(
        from offset: Int, into target: UnsafeMutableBufferPointer<UInt8>
    ) throws(DataError) {
        var done = 0
        var number = number(ofPieceAt: offset)
        while done < target.count {
            let piece = pieces[number]
            let start = offset + done - piece.start + piece.skipped
            let length = min(target.count - done, piece.content.count - start)
            let part = UnsafeMutableBufferPointer(rebasing: target[done..<done + length])
            try piece.content.read(from: start, into: part)
            done += length
            number += 1
        }
    }

    /// The file of the byte at `offset`, and where that byte stands in it.
    func place(of offset: Int) -> (path: String, offset: Int) {
        let piece = pieces[number(ofPieceAt: offset)]
        return (piece.path, offset - piece.start + piece.skipped)
    }

    /// Newlines of a file before the byte of the text at `offset`.
    func newlines(before offset: Int) throws(DataError) -> Int {
        let piece = pieces[number(ofPieceAt: offset)]
        var newlines = 0
        var at = piece.start
        while at < offset {
            let start = at - piece.start + piece.skipped
            let length = min(offset - at, 1 << 16)
            newlines += try piece.content.bytes(start..<start + length)
                .count { $0 == UInt8(ascii: "\n") }
            at += length
        }
        return newlines
    }

    private func number(ofPieceAt offset: Int) -> Int {
        var (low, high) = (0, pieces.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].start <= offset { low = middle } else { high = middle }
        }
        return low
    }
}
