/// From text to the numbers of tokens, for each kind.
enum TokenLookup: Sendable {
    case bytes
    case characters(ScalarTable)
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
    ) throws(DataError) -> ScalarTable {
        var table = ScalarTable(absent: -1)
        for (index, token) in tokens.enumerated() where index != unknown {
            guard let scalar = token.unicodeScalars.first, token.unicodeScalars.count == 1 else {
                throw DataError(
                    .invalid, "token \(index) of the vocabulary is not one character",
                    hint: "a character is one Unicode scalar")
            }
            guard table[scalar.value] < 0 else { throw repeated(index) }
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
        var pieces = 0
        var length = 0
        WordSplitter.forEach(in: bytes) { piece in
            pieces += 1
            length += piece.count
        }
        return pieces == 1 && length == bytes.count
    }

    private static func repeated(_ index: Int) -> DataError {
        DataError(.invalid, "token \(index) of the vocabulary stands there twice")
    }

    /// Appends the tokens of valid UTF-8; returns what could not be encoded, if anything.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ unknown: Int?, into numbers: inout [Int32]
    ) -> UnknownText? {
        let other = unknown.map { Int32($0) } ?? -1
        switch self {
        case .bytes:
            numbers.append(contentsOf: text.lazy.map { Int32($0) })
        case .characters(let table):
            var offset = 0
            while offset < text.count {
                let scalar = UTF8Rules.scalar(in: text, at: &offset)
                let found = table[scalar]
                guard max(found, other) >= 0 else {
                    return UnknownText(
                        text: String(UnicodeScalar(scalar).map(Character.init) ?? "\u{FFFD}"),
                        position: numbers.count + 1)
                }
                numbers.append(found >= 0 ? found : other)
            }
        case .words(let table):
            do throws(UnknownText) {
                try WordSplitter.forEach(in: text) { word throws(UnknownText) in
                    let found = table.find(word) ?? other
                    guard found >= 0 else {
                        throw UnknownText(
                            text: String(decoding: word, as: UTF8.self),
                            position: numbers.count + 1)
                    }
                    numbers.append(found)
                }
            } catch {
                return error
            }
        }
        return nil
    }
}
