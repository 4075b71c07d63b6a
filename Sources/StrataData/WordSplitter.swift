/// Cuts valid UTF-8 into words and newlines.
enum WordSplitter {
    /// Calls `body` with each word and each newline in order.
    static func forEach<Failure: Error>(
        in text: UnsafeBufferPointer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var start = 0
        var at = 0
        while at < text.count {
            let length = whiteSpaceLength(in: text, at: at)
            if length == 0 {
                at += 1
                continue
            }
            if at > start { try body(UnsafeBufferPointer(rebasing: text[start..<at])) }
            if text[at] == UInt8(ascii: "\n") {
                try body(UnsafeBufferPointer(rebasing: text[at..<at + 1]))
            }
            at += length
            start = at
        }
        if at > start { try body(UnsafeBufferPointer(rebasing: text[start..<at])) }
    }

    /// Bytes of the white space at an offset; 0 where there is none.
    ///
    /// The bytes are those of Unicode's property White_Space. Inside a word any byte may be asked
    /// for: none of these sequences starts with a continuation byte.
    @inline(__always)
    static func whiteSpaceLength(in text: UnsafeBufferPointer<UInt8>, at offset: Int) -> Int {
        let lead = text[offset]
        if lead > 0x20, lead < 0xC2 { return 0 }
        if lead <= 0x20 { return lead == 0x20 || (0x09...0x0D).contains(lead) ? 1 : 0 }
        return wideWhiteSpaceLength(in: text, at: offset)
    }

    private static func wideWhiteSpaceLength(
        in text: UnsafeBufferPointer<UInt8>, at offset: Int
    ) -> Int {
        let lead = text[offset]
        if lead == 0xC2, offset + 1 < text.count {
            // U+0085 and the no-break space.
            return text[offset + 1] == 0x85 || text[offset + 1] == 0xA0 ? 2 : 0
        }
        guard (0xE1...0xE3).contains(lead), offset + 2 < text.count else { return 0 }
        let isSpace =
            switch (lead, text[offset + 1], text[offset + 2]) {
            case (0xE1, 0x9A, 0x80), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80): true
            case (0xE2, 0x80, let last):
                (0x80...0x8A).contains(last) || last == 0xA8 || last == 0xA9 || last == 0xAF
            default: false
            }
        return isSpace ? 3 : 0
    }
}
