/// One block of a text in memory, with some bytes before and after it.
///
/// A character or word belongs to the block that its first byte is in.
struct TextBlock: Sendable {
    /// Bytes of a block; small enough for a core's own cache.
    static let size = 1 << 18
    /// Bytes before a block, which hold the character in front of it.
    private static let before = 4

    /// The bytes, from `origin` on.
    private(set) var bytes: [UInt8] = []
    /// Where the bytes start in the text.
    private(set) var origin = 0
    /// The block within the bytes.
    private(set) var range = 0..<0
    /// Whether the bytes go up to the end of the text.
    private(set) var isLast = false

    /// How many blocks a text has.
    static func count(of text: JoinedText) -> Int { (text.count + size - 1) / size }

    /// Reads a block, and `after` bytes behind it where the text has them.
    mutating func load(_ number: Int, of text: JoinedText, after: Int) throws(DataError) {
        let start = number * Self.size
        let end = min(start + Self.size, text.count)
        origin = max(0, start - Self.before)
        range = start - origin..<end - origin
        let stop = min(end + after, text.count)
        isLast = stop == text.count
        let missing = stop - origin - bytes.count
        if missing > 0 {
            bytes.append(contentsOf: repeatElement(0, count: missing))
        } else {
            bytes.removeLast(-missing)
        }
        try bytes.withUnsafeMutableBufferPointer { bytes throws(DataError) in
            try text.read(from: origin, into: bytes)
        }
    }

    /// Where the first character starts that starts in the block.
    static func firstCharacter(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        // Nothing stands in front of the text that a continuation byte could belong to.
        guard start > 0 else { return 0 }
        var at = start
        while at < bytes.count, bytes[at] & 0xC0 == 0x80 { at += 1 }
        return at
    }
}
