/// A 64-bit checksum of bytes that arrive in pieces; how they are cut does not matter.
///
/// Four lanes each take every fourth 8-byte word, little-endian, so that four multiplications run
/// at a time:
///
///     lane = rotate(lane XOR word · m0, by: 31) · m1
///
/// The last block is filled with zeros. The end folds the byte count and the four lanes, each
/// stirred, into one number:
///
///     sum = rotate(sum, by: 27) · m2 XOR stir(lane)
///
/// Each of these steps is a bijection of the lane for a given word, of the word for a given lane,
/// and of the sum for a given lane. So two inputs of equal length that differ within a single
/// aligned word, by one flipped bit for instance, never have the same checksum; for other
/// differences the chance is about 2⁻⁶⁴. It guards against damage, not against intent.
package struct StreamingChecksum {
    // Odd, so that multiplying is a bijection: the fractions of √2, √3, √5, √7 with bit 0 set.
    private static let m0: UInt64 = 0x6A09_E667_F3BC_C909
    private static let m1: UInt64 = 0xBB67_AE85_84CA_A73B
    private static let m2: UInt64 = 0x3C6E_F372_FE94_F82B
    private static let m3: UInt64 = 0xA54F_F53A_5F1D_36F1
    private static let blockSize = 32

    private var lanes = SIMD4<UInt64>(m0, m1, m2, m3)
    private var count: UInt64 = 0
    /// Bytes that do not fill a block yet; always fewer than a block.
    private var pending: [UInt8] = []

    /// Starts with no bytes.
    package init() {}

    /// Takes the next bytes.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    private mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count &+= UInt64(bytes.count)
        var start = 0
        if !pending.isEmpty {
            start = min(Self.blockSize - pending.count, bytes.count)
            pending.append(contentsOf: bytes[..<start])
            guard pending.count == Self.blockSize else { return }
            pending.withUnsafeBytes { lanes = Self.mix(lanes, $0[...]) }
            pending.removeAll(keepingCapacity: true)
        }
        let whole = (bytes.count - start) / Self.blockSize * Self.blockSize
        lanes = Self.mix(lanes, bytes[start..<start + whole])
        pending.append(contentsOf: bytes[(start + whole)...])
    }

    /// The checksum of all bytes so far.
    package func value() -> UInt64 {
        var last = pending
        last.append(contentsOf: repeatElement(0, count: Self.blockSize - last.count))
        let lanes = last.withUnsafeBytes { Self.mix(self.lanes, $0[...]) }
        var sum = Self.stir(count)
        for index in 0..<4 {
            sum = Self.rotate(sum, by: 27) &* Self.m2 ^ Self.stir(lanes[index])
        }
        return Self.stir(sum)
    }

    /// Mixes whole blocks into the lanes.
    private static func mix(
        _ lanes: SIMD4<UInt64>, _ blocks: Slice<UnsafeRawBufferPointer>
    ) -> SIMD4<UInt64> {
        var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
        let bytes = UnsafeRawBufferPointer(rebasing: blocks)
        for offset in stride(from: 0, to: bytes.count, by: blockSize) {
            a = step(a, word(bytes, offset))
            b = step(b, word(bytes, offset + 8))
            c = step(c, word(bytes, offset + 16))
            d = step(d, word(bytes, offset + 24))
        }
        return SIMD4(a, b, c, d)
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane ^ (word &* m0), by: 31) &* m1
    }

    /// Spreads every bit over all others; a bijection.
    private static func stir(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 32)) &* m3
        value = (value ^ (value >> 29)) &* m2
        return value ^ (value >> 32)
    }

    private static func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }
}
