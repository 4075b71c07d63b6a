import StrataKernels

/// A repeatable stream of random numbers (SplitMix64).
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func float(_ range: ClosedRange<Float> = -1...1) -> Float {
        Float.random(in: range, using: &self)
    }

    mutating func size(_ choices: [Int]) -> Int {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }

    /// Cuts a range in up to four parts, some perhaps empty.
    mutating func cut(_ range: Range<Int>) -> [Range<Int>] {
        let places = range.lowerBound...range.upperBound
        let inner = (0..<3).map { _ in Int.random(in: places, using: &self) }
        let cuts = [range.lowerBound] + inner.sorted() + [range.upperBound]
        return zip(cuts, cuts.dropFirst()).map { $0..<$1 }
    }
}

/// Floats with a fence behind them that shows whether a kernel wrote too far.
///
/// They are never freed: kernels get bare pointers to them, which do not keep an object alive.
final class Floats {
    let count: Int
    let pointer: UnsafeMutablePointer<Float>
    private static let fence: Float = -12345
    private static let fenceCount = 32

    init(_ values: [Float]) {
        count = values.count
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: (count + Self.fenceCount) * 4, alignment: 64)
        pointer = memory.bindMemory(to: Float.self, capacity: count + Self.fenceCount)
        pointer.initialize(repeating: Self.fence, count: count + Self.fenceCount)
        for (i, value) in values.enumerated() { pointer[i] = value }
    }

    convenience init(_ count: Int, repeating value: Float = 0) {
        self.init([Float](repeating: value, count: count))
    }

    convenience init(
        random count: Int, _ random: inout TestRandom, _ range: ClosedRange<Float> = -1...1
    ) {
        self.init((0..<count).map { _ in random.float(range) })
    }

    subscript(i: Int) -> Float {
        get { pointer[i] }
        set { pointer[i] = newValue }
    }

    var values: [Float] { (0..<count).map { pointer[$0] } }
    var bits: [UInt32] { (0..<count).map { pointer[$0].bitPattern } }
    var copy: Floats { Floats(values) }
    var isFenceWhole: Bool {
        (count..<count + Self.fenceCount).allSatisfy { pointer[$0] == Self.fence }
    }
}

/// A row stride as tensors have it: a multiple of 16.
func padded(_ columns: Int) -> Int { (columns + 15) / 16 * 16 }

/// Whether a float result is a double one within rounding of terms of size `scale`.
func isClose(
    _ result: Float, _ expected: Double, scale: Double = 1, tolerance: Double = 2e-6
) -> Bool {
    abs(Double(result) - expected) <= tolerance * max(scale, abs(expected))
}

/// The distance of a float from the exact value, in units of the exact value's last place.
func ulps(_ result: Float, _ exact: Double) -> Double {
    let rounded = Float(exact)
    if result == rounded { return 0 }
    if !rounded.isFinite || !result.isFinite {
        return result.isNaN && rounded.isNaN ? 0 : .infinity
    }
    return abs(Double(result) - exact) / Double(max(rounded.ulp, Float.leastNormalMagnitude.ulp))
}

/// Sizes around the widths of vectors and tiles.
let oddSizes = [1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100]
