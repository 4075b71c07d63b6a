/// Makes the vocabulary of a text, and the text's tokens.
struct Tokenizer {
    /// What the text is cut into.
    let kind: TokenKind
    /// Most tokens in the vocabulary; nil: all.
    let vocabularySize: Int?

    /// The vocabulary and tokens of a text.
    ///
    /// - Throws: ``DataError`` for a text that is not UTF-8, except for the kind `bytes`.
    func tokenize(_ text: JoinedText) throws(DataError) -> (Vocabulary, Tokens) {
        switch kind {
        case .bytes:
            let content = EncodedText(text: text, vocabulary: .bytes, index: nil, count: text.count)
            return (.bytes, Tokens(content))
        case .characters: return try characters(text)
        case .words: return try words(text)
        }
    }

    // MARK: Characters

    private func characters(_ text: JoinedText) throws(DataError) -> (Vocabulary, Tokens) {
        let (blocks, scans) = try Blocks.map(
            TextBlock.count(of: text), state: CharacterScan(), isLast: \.isStuck
        ) {
            (scan, block) throws(DataError) in
            try scan.scan(block, of: text)
        }
        try blocks.check(text)
        let vocabulary = try vocabulary(of: CharacterScan.counts(scans))
        let count = blocks.count
        // In a text of ASCII alone, each token is found without looking for it.
        let index = count == text.count ? nil : blocks.index
        return (
            vocabulary,
            Tokens(EncodedText(text: text, vocabulary: vocabulary, index: index, count: count))
        )
    }

    private func vocabulary(
        of counts: [(scalar: UInt32, value: Int)]
    ) throws(DataError) -> Vocabulary {
        var kept = counts
        if let vocabularySize, kept.count > vocabularySize - 1 {
            kept.sort { ($1.value, $0.scalar) < ($0.value, $1.scalar) }
            kept.removeLast(kept.count - (vocabularySize - 1))
            kept.sort { $0.scalar < $1.scalar }
        }
        let texts = kept.map { String(UnicodeScalar($0.scalar).map(Character.init) ?? "\u{FFFD}") }
        guard vocabularySize != nil else {
            return try Vocabulary(kind: .characters, tokens: texts)
        }
        return try Vocabulary(
            kind: .characters, tokens: texts + [Vocabulary.unknownText], unknown: texts.count)
    }

    // MARK: Words

    private func words(_ text: JoinedText) throws(DataError) -> (Vocabulary, Tokens) {
        let (blocks, scans) = try Blocks.map(
            TextBlock.count(of: text), state: WordScan(), isLast: \.isStuck
        ) {
            (scan, block) throws(DataError) in
            try scan.scan(block, of: text)
        }
        try blocks.check(text)
        let count = blocks.count
        guard count > 0 else {
            throw DataError(.tooShort, "the text holds no words, only white space")
        }
        let (table, counts) = WordScan.merged(scans)
        let vocabulary = try vocabulary(of: table, counts)
        return (
            vocabulary,
            Tokens(
                EncodedText(text: text, vocabulary: vocabulary, index: blocks.index, count: count))
        )
    }

    /// The vocabulary of the words of a table.
    private func vocabulary(
        of table: WordTable, _ counts: [Int]
    ) throws(DataError) -> Vocabulary {
        // Texts prepared by others often write the unknown token out; it is the same one here.
        let written = ContiguousArray(Vocabulary.unknownText.utf8).withUnsafeBufferPointer {
            table.find($0).map(Int.init)
        }
        var kept = counts.indices.sorted { a, b in
            counts[a] != counts[b]
                ? counts[a] > counts[b]
                : table.utf8(of: a).lexicographicallyPrecedes(table.utf8(of: b))
        }
        if let vocabularySize {
            kept.removeAll { $0 == written }
            kept.removeLast(max(0, kept.count - (vocabularySize - 1)))
        }
        let texts = kept.map { table.text(of: $0) }
        guard vocabularySize != nil else {
            let unknown = written.flatMap { kept.firstIndex(of: $0) }
            return try Vocabulary(kind: .words, tokens: texts, unknown: unknown)
        }
        return try Vocabulary(
            kind: .words, tokens: texts + [Vocabulary.unknownText], unknown: texts.count)
    }
}
