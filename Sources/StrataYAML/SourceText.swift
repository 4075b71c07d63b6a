/// The bytes of a file and the text they stand for.
struct SourceText {
    /// The bytes as they were read.
    let bytes: [UInt8]
    /// The text without a byte order mark; bytes that are no characters became U+FFFD.
    let text: String

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        text = Self.decode(bytes[...])
    }

    /// The text up to the character that holds the byte at `offset`.
    func text(before offset: Int) -> String {
        var end = min(offset, bytes.count)
        let isUTF16 = Self.isUTF16(bytes[...])
        if isUTF16, end >= 2 {
            let high = bytes[bytes[0] == 0xFE ? end - 2 : end - 1]
            if high & 0xFC == 0xD8 { end -= 2 }
        }
        // The parser may complain of a trailing byte: the character starts a little earlier.
        if !isUTF16, let first = bytes[..<end].suffix(3).lastIndex(where: { $0 & 0xC0 != 0x80 }),
            end - first < Self.length(ofSequenceFrom: bytes[first])
        {
            end = first
        }
        return Self.decode(bytes[..<end], isUTF16: isUTF16)
    }

    private static func length(ofSequenceFrom byte: UInt8) -> Int {
        byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }

    private static func isUTF16(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, isUTF16: Bool? = nil) -> String {
        let text: String
        if isUTF16 ?? Self.isUTF16(bytes) {
            let isBigEndian = bytes.first == 0xFE
            let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
                let (first, second) = (UInt16(bytes[$0]), UInt16(bytes[$0 + 1]))
                return isBigEndian ? first << 8 | second : second << 8 | first
            }
            text = String(decoding: units, as: UTF16.self)
        } else {
            text = String(decoding: bytes, as: UTF8.self)
        }
        guard text.unicodeScalars.first == "\u{FEFF}" else { return text }
        return String(text.unicodeScalars.dropFirst())
    }
}
