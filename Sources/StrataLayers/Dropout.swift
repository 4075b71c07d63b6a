public import StrataGraph
public import StrataSchema

/// Drops values at random in training and scales the others up (Srivastava 2014).
///
/// Which values are dropped follows from the seed, the step and the layer's name alone, so the
/// mask is never stored: backward computes it again. Outside training the layer does nothing.
///
/// ## Shapes        input [T, B, I] or [B, I] -> output of the same shape
public struct Dropout: Layer, ElementwiseLayer {
    /// The probability to drop a value.
    public var rate = 0.5

    public init() {}

    /// Creates a layer that drops values with probability `rate`, at least 0 and less than 1.
    public init(rate: Double) { self.rate = rate }

    public static let type = "dropout"
    public static let aliases = ["DropoutLayer"]
    public static let schema = Schema<Self>(
        "Drops values at random in training and scales the others up (Srivastava 2014).",
        [.init("rate", \.rate, .fraction, doc: "The probability to drop a value.")])

    var function: ElementwiseChain.Function? { ownFunction }

    private var ownFunction: ElementwiseChain.Function {
        rate == 0 ? .activation(.identity) : .dropout(rate: rate, layer: nil)
    }

    func cell(before tail: ElementwiseChain) -> ElementwiseCell {
        ElementwiseCell(chain: tail.after(ownFunction))
    }
}

/// Which values dropout keeps, as a function of their place; the kernels' arithmetic once more, for the reference.
struct DropoutMask {
    private let threshold: UInt32
    private let low: UInt32
    private let high: UInt32

    init(rate: Double, key: UInt64, layer: Int) {
        threshold = UInt32(min(rate * 4_294_967_296, 4_294_967_295))
        let key = Self.key(of: layer, step: key)
        low = UInt32(truncatingIfNeeded: key)
        high = UInt32(truncatingIfNeeded: key >> 32)
    }

    /// What the values that a layer drops in a step follow from.
    ///
    /// - Parameter layer: the hash of its name.
    static func key(of layer: Int, step: UInt64) -> UInt64 {
        RandomKey.mix(step ^ RandomKey.mix(UInt64(truncatingIfNeeded: layer)))
    }

    /// Whether the value at a place (row · features + column) is kept.
    func keeps(_ place: Int) -> Bool {
        var x = UInt32(truncatingIfNeeded: place) ^ low
        x = (x ^ (x >> 16)) &* 0x7feb_352d
        x = (x ^ (x >> 15) ^ high) &* 0x846c_a68b
        x ^= x >> 16
        return x >= threshold
    }
}
