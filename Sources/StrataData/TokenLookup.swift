/// From text to the numbers of tokens, for each kind.
enum TokenLookup: Sendable {
    case bytes
    /// What is not in the vocabulary has its unknown token, or -1.
    case characters(ScalarTable<Int32>)
    case words(WordTable)

    /// Builds the table of tokens that are characters or words, and checks them.
    init(kind: TokenKind, tokens: [String], unknown: Int?) throws(DataError) {
        switch kind {
        case .bytes: self = .bytes
        case .characters: self = .characters(try Self.characters(tokens, unknown))
        case .words: self = .words(try Self.words(tokens, unknown))
        }
    }

    private static func characters(
        _ tokens: [String], _ unknown: Int?
    ) throws(DataError) -> ScalarTable<Int32> {
        let absent = Int32(unknown ?? -1)
        var table = ScalarTable(absent: absent)
        for (index, token) in tokens.enumerated() where index != unknown {
            guard let scalar = token.unicodeScalars.first, token.unicodeScalars.count == 1 else {
                throw DataError(
                    .invalid, "token \(index) of the vocabulary is not one character",
                    hint: "a character is one Unicode scalar")
            }
            guard table[scalar.value] == absent else { throw repeated(index) }
            table[scalar.value] = Int32(index)
        }
        return table
    }

    private static func words(_ tokens: [String], _ unknown: Int?) throws(DataError) -> WordTable {
        var table = WordTable()
        for (index, token) in tokens.enumerated() {
            let bytes = ContiguousArray(token.utf8)
            let number = bytes.withUnsafeBufferPointer { bytes -> Int32? in
                index == unknown || isWord(bytes) ? table.insert(bytes) : nil
            }
            guard let number else {
                throw DataError(
                    .invalid, "token \(index) of the vocabulary is not one word",
                    hint: "a word has no white space, or is one newline")
            }
            guard number == index else { throw repeated(index) }
        }
        return table
    }

    private static func isWord(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        WordSplitter.next(in: bytes, from: 0) == 0..<bytes.count
    }

    private static func repeated(_ index: Int) -> DataError {
        DataError(.invalid, "token \(index) of the vocabulary stands there twice")
    }
}
