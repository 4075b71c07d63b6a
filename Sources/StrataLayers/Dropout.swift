public import StrataGraph
public import StrataSchema

/// Drops values at random in training and scales the others up (Srivastava 2014).
///
/// Which values are dropped follows from the seed, the step and the layer's name alone, so the
/// mask is never stored: backward computes it again. Outside training the layer does nothing.
///
/// ## Shapes        input [T, B, I] or [B, I] -> output of the same shape
public struct Dropout: Layer {
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

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        guard inputs[0].values == .real else {
            throw Diagnostic(
                .shapeMismatch, "needs real numbers, not tokens",
                hint: "put an embedding, lstm or graves_lstm layer in between")
        }
        return LayerPlan(output: inputs[0])
    }

    public func forward(_ pass: borrowing ForwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let rows = pass.worker.share(of: input.rows)
        guard pass.facts.mode == .training, rate > 0 else {
            output.row(rows.lowerBound).update(
                from: input.row(rows.lowerBound), count: rows.count * input.stride)
            return
        }
        mask(pass.facts, pass.node).apply(
            to: input.base, rows: rows, view: input, into: output.base)
    }

    public func backward(_ pass: borrowing BackwardPass) {
        guard let gradient = pass.node.inputGradients[0] else { return }
        let input = pass.node.inputs[0]
        let rows = pass.worker.share(of: input.rows)
        mask(pass.facts, pass.node).apply(
            to: pass.outputGradient, rows: rows, view: input, into: gradient)
    }

    private func mask(_ facts: RunFacts, _ node: NodeBuffers) -> DropoutMask {
        DropoutMask(rate: rate, key: facts.randomKey, layer: node.index)
    }

    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        let x = pass.dense(input: 0)
        guard pass.mode == .training else { return x }
        let mask = DropoutMask(rate: rate, key: pass.randomKey, layer: pass.nodeIndex)
        var factors = pass.tape.value(x)
        for row in 0..<factors.rows {
            for column in 0..<factors.columns {
                factors[row, column] =
                    mask.keeps(row * factors.columns + column) ? 1 / (1 - rate) : 0
            }
        }
        let constant = pass.tape.constant(factors)
        return pass.tape.scaled(x, by: constant)
    }
}

/// Which values a dropout layer keeps, as a function of their place.
struct DropoutMask {
    private let scale: Float
    private let threshold: UInt32
    private let low: UInt32
    private let high: UInt32

    init(rate: Double, key: UInt64, layer: Int) {
        scale = Float(1 / (1 - rate))
        threshold = UInt32(min(rate * 4_294_967_296, 4_294_967_295))
        let mixed = RandomKey.mix(key ^ RandomKey.mix(UInt64(truncatingIfNeeded: layer)))
        low = UInt32(truncatingIfNeeded: mixed)
        high = UInt32(truncatingIfNeeded: mixed >> 32)
    }

    /// Whether the value at a place (row · features + column) is kept.
    @inline(__always)
    func keeps(_ place: Int) -> Bool {
        var x = UInt32(truncatingIfNeeded: place) ^ low
        x = (x ^ (x >> 16)) &* 0x7feb_352d
        x = (x ^ (x >> 15) ^ high) &* 0x846c_a68b
        x ^= x >> 16
        return x >= threshold
    }

    func apply(
        to x: UnsafeMutablePointer<Float>, rows: Range<Int>, view: TensorView,
        into y: UnsafeMutablePointer<Float>
    ) {
        for row in rows {
            let (from, to) = (x + row * view.stride, y + row * view.stride)
            let first = row &* view.features
            for column in 0..<view.features {
                // Without a branch, which nothing could foresee, so that several are computed at once.
                let kept: UInt32 = keeps(first &+ column) ? .max : 0
                to[column] = Float(bitPattern: (from[column] * scale).bitPattern & kept)
            }
        }
    }
}
