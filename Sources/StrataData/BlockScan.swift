/// What was found in one block of a text, in offsets of the text.
struct BlockScan: Sendable {
    /// Where the block's first character starts.
    var start: Int
    /// Where its last character ends.
    var end: Int
    /// Whether there is a NUL at `end`, or bytes that are no UTF-8.
    var isStuck: Bool
    /// Tokens that start in the block.
    var count = 0
    /// Where some of them start, counted from the block's first.
    var entries: [TokenIndex.Entry] = []
}

extension [BlockScan] {
    /// Refuses a text that is not UTF-8 without NUL.
    func check(_ text: JoinedText) throws(DataError) {
        var end = 0
        for block in self {
            // Bytes between two blocks that neither takes for its own continue no character.
            guard block.start == end else { throw try Self.problem(at: end, of: text) }
            end = block.end
            guard !block.isStuck else { throw try Self.problem(at: end, of: text) }
        }
    }

    /// Tokens in all.
    var count: Int { reduce(0) { $0 + $1.count } }

    /// Where some of the tokens start.
    var index: TokenIndex {
        var index = TokenIndex()
        var first = 0
        for block in self {
            index.append(block.entries, first: first)
            first += block.count
        }
        return index
    }

    private static func problem(at offset: Int, of text: JoinedText) throws(DataError) -> DataError
    {
        let (path, byte) = text.place(of: offset)
        let place = "at byte offset \(byte) (line \(1 + (try text.newlines(before: offset))))"
        var first: [UInt8] = [0]
        try first.withUnsafeMutableBufferPointer { first throws(DataError) in
            try text.read(from: offset, into: first)
        }
        if first == [0] {
            return DataError(
                .invalid, "a NUL byte \(place): this seems to be a binary file", path: path,
                hint: "name text files only, or choose 'tokens: bytes'")
        }
        return DataError(
            .invalid, "not valid UTF-8 \(place)", path: path,
            hint: "save the file as UTF-8, or choose 'tokens: bytes'")
    }
}
