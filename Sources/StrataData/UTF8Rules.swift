/// What the encoding UTF-8 allows, for checking, reading and streaming.
enum UTF8Rules {
    /// Bytes of the sequence that starts with `lead`; 0: no sequence starts so.
    @inline(__always)
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

    /// Eight bytes from an offset on, the first lowest.
    @inline(__always)
    static func word(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> UInt64 {
        let raw = UnsafeRawBufferPointer(bytes)
        return UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// How many of eight bytes, the lowest first, are ASCII and not NUL before one that is not.
    @inline(__always)
    static func plainCount(_ word: UInt64) -> Int {
        // The high bit of the first zero byte; above it others may be marked wrongly.
        let zeros = (word &- 0x0101_0101_0101_0101) & ~word
        return ((word | zeros) & 0x8080_8080_8080_8080).trailingZeroBitCount >> 3
    }

    /// Whether 32 bytes are ASCII without NUL.
    @inline(__always)
    private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Bool {
        var marks: UInt64 = 0
        for index in 0..<4 {
            let word = word(bytes, offset + 8 * index)
            marks |= word | (word &- 0x0101_0101_0101_0101)
        }
        // A mark too many, such as above a NUL, only leads to a closer look.
        return marks & 0x8080_8080_8080_8080 == 0
    }

    /// How far a walk over characters came.
    struct Walk {
        /// Where the next character starts.
        var end: Int
        /// Characters walked over.
        var count: Int
        /// Whether it ended before its goal, at a NUL or at bytes that are no UTF-8.
        var isStuck: Bool
    }

    /// Walks over the characters that start before `end`, and tells `wide` all that are not ASCII.
    @inline(__always)
    static func walk(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, wide: (UInt32) -> Void
    ) -> Walk {
        var at = start
        var continuations = 0
        while at < end {
            if at + 32 <= end, isPlain(bytes, at) {
                at += 32
                continue
            }
            if at + 8 <= end {
                let count = plainCount(word(bytes, at))
                at += count
                if count == 8 { continue }
            } else if bytes[at] > 0, bytes[at] < 0x80 {
                at += 1
                continue
            }
            // Characters that are not ASCII mostly come together.
            repeat {
                guard let scalar = wideScalar(in: bytes, at: at) else {
                    return Walk(end: at, count: at - start - continuations, isStuck: true)
                }
                wide(scalar.value)
                at += scalar.length
                continuations += scalar.length - 1
            } while at < end && bytes[at] >= 0x80
        }
        return Walk(end: at, count: at - start - continuations, isStuck: false)
    }

    /// The scalar of two bytes or more at `offset`, or nil where the bytes are none.
    @inline(__always)
    static func wideScalar(
        in bytes: UnsafeBufferPointer<UInt8>, at offset: Int
    ) -> (value: UInt32, length: Int)? {
        let lead = bytes[offset]
        let length = length(of: lead)
        guard length >= 2, offset + length <= bytes.count else { return nil }
        let second = bytes[offset + 1]
        if length == 2 {
            guard second & 0xC0 == 0x80 else { return nil }
            return (UInt32(lead & 0x1F) << 6 | UInt32(second & 0x3F), 2)
        }
        guard isContinuation(second, of: lead, at: 1) else { return nil }
        let third = bytes[offset + 2]
        guard third & 0xC0 == 0x80 else { return nil }
        let tail = UInt32(second & 0x3F) << 6 | UInt32(third & 0x3F)
        if length == 3 { return (UInt32(lead & 0x0F) << 12 | tail, 3) }
        let fourth = bytes[offset + 3]
        guard fourth & 0xC0 == 0x80 else { return nil }
        return (UInt32(lead & 0x07) << 18 | tail << 6 | UInt32(fourth & 0x3F), 4)
    }
}
