/// A 64-bit hash that is the same in every process and on every machine.
///
/// FNV-1a over words instead of bytes, high bits folded back: fast enough for every load, and meant to
/// notice change, not to resist forgery.
struct Fingerprint {
    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01B3

    private var state = start

    /// Tokens of a block; of a row that is longer, the further blocks are hashed side by side.
    private static let blockSize = 1 << 22

    @inline(__always)
    mutating func add(_ value: UInt64) {
        state = (state ^ value) &* Self.prime
        // Multiplication carries only upwards; this brings high bits back down.
        state ^= state >> 32
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        for byte in text.utf8 { add(UInt64(byte)) }
    }

    /// Adds a row of tokens: its length, its first block, and the hashes of the further blocks.
    mutating func add(_ tokens: Tokens) throws(DataError) {
        add(UInt64(tokens.count))
        let first = min(tokens.count, Self.blockSize)
        try Self.forEachPiece(of: tokens[0..<first]) { piece in
            for token in piece { add(UInt64(UInt32(bitPattern: token))) }
        }
        let further = (tokens.count - first + Self.blockSize - 1) / Self.blockSize
        let lanes = try Blocks.map(further, state: ()) { (_, block) throws(DataError) in
            let start = first + block * Self.blockSize
            return try Self.lanes(of: tokens[start..<min(start + Self.blockSize, tokens.count)])
        }
        for block in lanes.results {
            for lane in block.indices { add(block[lane]) }
        }
    }

    /// Eight hashes, each of every eighth token: one from the first on, one from the second on.
    private static func lanes(of tokens: Tokens) throws(DataError) -> SIMD8<UInt64> {
        var lanes = SIMD8<UInt64>(repeating: start)
        try forEachPiece(of: tokens) { piece in
            let raw = UnsafeRawBufferPointer(piece)
            let size = MemoryLayout<SIMD8<Int32>>.size
            for offset in stride(from: 0, to: raw.count - size + 1, by: size) {
                let numbers = raw.loadUnaligned(fromByteOffset: offset, as: SIMD8<Int32>.self)
                add(SIMD8<UInt64>(truncatingIfNeeded: numbers), to: &lanes)
            }
            for (lane, number) in piece.suffix(piece.count % 8).enumerated() {
                var one = Fingerprint(state: lanes[lane])
                one.add(UInt64(UInt32(bitPattern: number)))
                lanes[lane] = one.state
            }
        }
        return lanes
    }

    @inline(__always)
    private static func add(_ values: SIMD8<UInt64>, to lanes: inout SIMD8<UInt64>) {
        lanes = (lanes ^ values) &* prime
        lanes ^= lanes &>> 32
    }

    /// Calls `body` with the tokens, a multiple of eight at a time up to the last.
    private static func forEachPiece(
        of tokens: Tokens, _ body: (UnsafeBufferPointer<Int32>) -> Void
    ) throws(DataError) {
        var numbers = [Int32](repeating: 0, count: min(tokens.count, 1 << 14))
        var scratch: [UInt8] = []
        var place = try tokens.place(of: 0, scratch: &scratch)
        var done = 0
        while done < tokens.count {
            let count = min(numbers.count, tokens.count - done)
            try numbers.withUnsafeMutableBufferPointer { numbers throws(DataError) in
                let piece = UnsafeMutableBufferPointer(rebasing: numbers[..<count])
                try tokens.read(at: &place, into: piece, scratch: &scratch)
                body(UnsafeBufferPointer(piece))
            }
            done += count
        }
    }

    /// Sixteen hexadecimal digits.
    var hex: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
