/// A 64-bit hash that is the same in every process and on every machine.
///
/// FNV-1a over words instead of bytes, high bits folded back: fast enough for every load, and meant to
/// notice change, not to resist forgery.
struct Fingerprint {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ value: UInt64) {
        state = (state ^ value) &* 0x0000_0100_0000_01B3
        // Multiplication carries only upwards; this brings high bits back down.
        state ^= state >> 32
    }

    mutating func add(_ tokens: [Int32]) {
        add(UInt64(tokens.count))
        for token in tokens { add(UInt64(UInt32(bitPattern: token))) }
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        for byte in text.utf8 { add(UInt64(byte)) }
    }

    /// Sixteen hexadecimal digits.
    var hex: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
