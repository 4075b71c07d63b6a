/// What the encoding UTF-8 allows, for checking, reading and streaming.
enum UTF8Rules {
    /// Bytes of the sequence that starts with `lead`; 0: no sequence starts so.
    static func length(of lead: UInt8) -> Int {
        switch lead {
        case 0..<0x80: 1
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
    }

    /// Whether `byte` may stand at `index` (from 1) of the sequence that starts with `lead`.
    ///
    /// The second byte excludes overlong forms, surrogates and values above U+10FFFF.
    static func isContinuation(_ byte: UInt8, of lead: UInt8, at index: Int) -> Bool {
        guard index == 1 else { return byte & 0xC0 == 0x80 }
        return switch lead {
        case 0xE0: (0xA0...0xBF).contains(byte)
        case 0xED: (0x80...0x9F).contains(byte)
        case 0xF0: (0x90...0xBF).contains(byte)
        case 0xF4: (0x80...0x8F).contains(byte)
        default: byte & 0xC0 == 0x80
        }
    }

    /// The offset of the first NUL or of the first sequence that is not UTF-8, or nil.
    static func firstProblem(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = 0
        while at < bytes.count {
            let lead = bytes[at]
            if lead == 0 { return at }
            if lead < 0x80 {
                at += 1
                continue
            }
            let length = length(of: lead)
            guard length > 0, at + length <= bytes.count else { return at }
            for index in 1..<length where !isContinuation(bytes[at + index], of: lead, at: index) {
                return at
            }
            at += length
        }
        return nil
    }

    /// The scalar at `offset` of valid UTF-8; moves `offset` behind it.
    @inline(__always)
    static func scalar(
        in bytes: UnsafeBufferPointer<UInt8>, at offset: inout Int
    ) -> UInt32 {
        let lead = UInt32(bytes[offset])
        offset += 1
        if lead < 0x80 { return lead }
        var value = lead < 0xE0 ? lead & 0x1F : lead < 0xF0 ? lead & 0x0F : lead & 0x07
        while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 {
            value = value << 6 | UInt32(bytes[offset] & 0x3F)
            offset += 1
        }
        return value
    }
}
