/// Checks blocks of a text and counts their characters.
struct CharacterScan: Sendable {
    /// Four counts of every byte: neighbours that are equal do not wait for each other.
    private var plain = [Int](repeating: 0, count: 4 * 256)
    private var wide = ScalarTable<Int>(absent: 0)
    private var block = TextBlock()

    /// Scans one block of a text; the counts add up.
    mutating func scan(_ number: Int, of text: JoinedText) throws(DataError) -> BlockScan {
        // The last character may have three more bytes.
        try block.load(number, of: text, after: 3)
        let (origin, range) = (block.origin, block.range)
        return block.bytes.withUnsafeBufferPointer { bytes in
            plain.withUnsafeMutableBufferPointer { plain in
                Self.scan(bytes, range, origin: origin, plain, &wide)
            }
        }
    }

    private static func scan(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, origin: Int,
        _ plain: UnsafeMutableBufferPointer<Int>, _ wide: inout ScalarTable<Int>
    ) -> BlockScan {
        var at = TextBlock.firstCharacter(in: bytes, from: range.lowerBound)
        var scan = BlockScan(start: origin + at, end: origin + at, isStuck: false)
        while at < range.upperBound, !scan.isStuck {
            scan.entries.append(.init(token: scan.count, offset: origin + at))
            let walk = UTF8Rules.walk(
                bytes, from: at, to: min(at + TokenIndex.stride, range.upperBound),
                wide: { wide.add(1, under: $0) })
            count(UnsafeBufferPointer(rebasing: bytes[at..<walk.end]), plain)
            at = walk.end
            scan.count += walk.count
            scan.end = origin + at
            scan.isStuck = walk.isStuck
        }
        return scan
    }

    /// Counts all bytes, for that is faster than to ask which of them are ASCII.
    private static func count(
        _ bytes: UnsafeBufferPointer<UInt8>, _ counts: UnsafeMutableBufferPointer<Int>
    ) {
        let words = bytes.count / 8
        for index in 0..<words {
            let word = UTF8Rules.word(bytes, 8 * index)
            for lane in 0..<8 {
                counts[(lane & 3) * 256 + Int((word >> UInt64(8 * lane)) & 255)] += 1
            }
        }
        for byte in bytes[(8 * words)...] { counts[Int(byte)] += 1 }
    }

    /// How often each character stands in the blocks, in ascending order of scalars.
    static func counts(_ scans: [CharacterScan]) -> [(scalar: UInt32, value: Int)] {
        var counts = ScalarTable<Int>(absent: 0)
        for scan in scans {
            for (place, count) in scan.plain.enumerated() where place % 256 < 128 {
                counts.add(count, under: UInt32(place % 256))
            }
            for (scalar, count) in scan.wide.present { counts.add(count, under: scalar) }
        }
        return counts.present
    }
}
