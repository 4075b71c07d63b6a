/// Cuts valid UTF-8 into words and newlines.
enum WordSplitter {
    /// The first word or newline that starts at `offset` or behind it; nil where there is none.
    @inline(__always)
    static func next(in text: UnsafeBufferPointer<UInt8>, from offset: Int) -> Range<Int>? {
        var start = offset
        while true {
            guard start < text.count else { return nil }
            if text[start] == UInt8(ascii: "\n") { return start..<start + 1 }
            let length = whiteSpaceLength(in: text, at: start)
            if length == 0 { break }
            start += length
        }
        var end = start + 1
        while end < text.count, whiteSpaceLength(in: text, at: end) == 0 { end += 1 }
        return start..<end
    }

    /// Where the word ends that goes on at the start of a character; there itself if none does.
    static func endOfWord(in text: UnsafeBufferPointer<UInt8>, before start: Int) -> Int {
        guard start > 0 else { return 0 }
        var previous = start - 1
        while previous > 0, text[previous] & 0xC0 == 0x80 { previous -= 1 }
        var end = start
        if whiteSpaceLength(in: text, at: previous) > 0 { return end }
        while end < text.count, whiteSpaceLength(in: text, at: end) == 0 { end += 1 }
        return end
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
