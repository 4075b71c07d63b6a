/// Makes the vocabulary of a text, and the text's tokens.
struct Tokenizer {
    /// What the text is cut into.
    let kind: TokenKind
    /// Most tokens in the vocabulary; nil: all.
    let vocabularySize: Int?

    /// The vocabulary and tokens of bytes that are valid UTF-8, or any for the kind `bytes`.
    func tokenize(_ bytes: [UInt8]) throws(DataError) -> (Vocabulary, [Int32]) {
        switch kind {
        case .bytes: (.bytes, bytes.map { Int32($0) })
        case .characters: try characters(bytes)
        case .words: try words(bytes)
        }
    }

    // MARK: Characters

    private func characters(_ bytes: [UInt8]) throws(DataError) -> (Vocabulary, [Int32]) {
        let (counts, total) = bytes.withUnsafeBufferPointer(Self.countScalars)
        var kept = counts.present
        if let vocabularySize, kept.count > vocabularySize - 1 {
            kept.sort { ($1.value, $0.scalar) < ($0.value, $1.scalar) }
            kept.removeLast(kept.count - (vocabularySize - 1))
            kept.sort { $0.scalar < $1.scalar }
        }
        let texts = kept.map { String(UnicodeScalar($0.scalar).map(Character.init) ?? "\u{FFFD}") }
        let vocabulary =
            if vocabularySize == nil {
                try Vocabulary(kind: .characters, tokens: texts)
            } else {
                try Vocabulary(
                    kind: .characters, tokens: texts + [Vocabulary.unknownText],
                    unknown: texts.count)
            }
        var table = ScalarTable(absent: Int32(texts.count))
        for (index, entry) in kept.enumerated() { table[entry.scalar] = Int32(index) }
        let stream = bytes.withUnsafeBufferPointer { bytes in
            [Int32](unsafeUninitializedCapacity: total) { buffer, count in
                var offset = 0
                while offset < bytes.count, count < total {
                    buffer[count] = table[UTF8Rules.scalar(in: bytes, at: &offset)]
                    count += 1
                }
            }
        }
        return (vocabulary, stream)
    }

    private static func countScalars(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) -> (counts: ScalarTable, total: Int) {
        var counts = ScalarTable(absent: 0)
        var total = 0
        var offset = 0
        while offset < bytes.count {
            counts[UTF8Rules.scalar(in: bytes, at: &offset)] += 1
            total += 1
        }
        return (counts, total)
    }

    // MARK: Words

    private func words(_ bytes: [UInt8]) throws(DataError) -> (Vocabulary, [Int32]) {
        var table = WordTable()
        var counts: [Int] = []
        var stream: [Int32] = []
        stream.reserveCapacity(bytes.count / 5)
        bytes.withUnsafeBufferPointer { bytes in
            WordSplitter.forEach(in: bytes) { word in
                let number = table.insert(word)
                if Int(number) == counts.count { counts.append(0) }
                counts[Int(number)] += 1
                stream.append(number)
            }
        }
        guard !stream.isEmpty else {
            throw DataError(.tooShort, "the text holds no words, only white space")
        }
        let (vocabulary, numbers) = try rank(table, counts)
        for index in stream.indices { stream[index] = numbers[Int(stream[index])] }
        return (vocabulary, stream)
    }

    /// The vocabulary, and the token of each word of the table.
    private func rank(
        _ table: WordTable, _ counts: [Int]
    ) throws(DataError) -> (Vocabulary, [Int32]) {
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
        var numbers = [Int32](repeating: Int32(truncatingIfNeeded: kept.count), count: counts.count)
        for (index, word) in kept.enumerated() {
            numbers[word] = Int32(truncatingIfNeeded: index)
        }
        var texts = kept.map { table.text(of: $0) }
        var unknown = written.map { Int(numbers[$0]) }
        if vocabularySize != nil {
            unknown = texts.count
            texts.append(Vocabulary.unknownText)
        }
        return (try Vocabulary(kind: .words, tokens: texts, unknown: unknown), numbers)
    }
}
