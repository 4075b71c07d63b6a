/// Checks blocks of a text and counts their words.
struct WordScan: Sendable {
    private var table = WordTable()
    /// How often each word of the table was seen.
    private var counts: [Int] = []
    private var block = TextBlock()

    /// Scans one block of a text; the counts add up.
    mutating func scan(_ number: Int, of text: JoinedText) throws(DataError) -> BlockScan {
        var after = 1 << 10
        while true {
            try block.load(number, of: text, after: after)
            // A text that is wrong is refused, so only its place matters.
            let scan = block.bytes.withUnsafeBufferPointer {
                Self.check($0, block.range, origin: block.origin)
            }
            if scan.isStuck { return scan }
            if let scan = scanWords(scan) { return scan }
            after *= 4
        }
    }

    private static func check(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, origin: Int
    ) -> BlockScan {
        let start = TextBlock.firstCharacter(in: bytes, from: range.lowerBound)
        let walk = UTF8Rules.walk(
            bytes, from: start, to: range.upperBound, wide: { _ in })
        return BlockScan(start: origin + start, end: origin + walk.end, isStuck: walk.isStuck)
    }

    /// Adds the words that start in the block; nil where the last of them goes on behind the bytes.
    private mutating func scanWords(_ checked: BlockScan) -> BlockScan? {
        let (origin, end, isLast) = (block.origin, block.range.upperBound, block.isLast)
        return block.bytes.withUnsafeBufferPointer { bytes -> BlockScan? in
            var scan = checked
            var at = WordSplitter.endOfWord(in: bytes, before: scan.start - origin)
            guard at < end else { return scan }
            guard isLast || Self.isWhole(bytes, end: end) else { return nil }
            var nextEntry = 0
            while let word = WordSplitter.next(in: bytes, from: at), word.lowerBound < end {
                at = word.upperBound
                if word.lowerBound >= nextEntry {
                    scan.entries.append(
                        .init(token: scan.count, offset: origin + word.lowerBound))
                    nextEntry = word.lowerBound + TokenIndex.stride
                }
                let number = Int(table.insert(UnsafeBufferPointer(rebasing: bytes[word])))
                if number == counts.count { counts.append(0) }
                counts[number] += 1
                scan.count += 1
            }
            return scan
        }
    }

    /// Whether any white space stands in the bytes behind the block, so that its words end there.
    private static func isWhole(_ bytes: UnsafeBufferPointer<UInt8>, end: Int) -> Bool {
        (end..<bytes.count).contains { WordSplitter.whiteSpaceLength(in: bytes, at: $0) > 0 }
    }

    /// All words with how often each stands in the blocks.
    static func merged(_ scans: [WordScan]) -> (table: WordTable, counts: [Int]) {
        guard var (table, counts) = scans.first.map({ ($0.table, $0.counts) }) else {
            return (WordTable(), [])
        }
        for scan in scans.dropFirst() {
            for (word, count) in scan.counts.enumerated() {
                let number = scan.table.withUTF8(of: word) { Int(table.insert($0)) }
                if number == counts.count { counts.append(0) }
                counts[number] += count
            }
        }
        return (table, counts)
    }
}
