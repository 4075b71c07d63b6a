import CStrataKernels
import Foundation
import StrataKernels
import Testing

/// The bounds that `vector_math.h` states, on every 997th float and on the worst ones.
///
/// `Tests/CrossCheck/run --every-float` finds the bounds: it compares all floats.
@Suite struct VectorMathTests {
    /// Every `step`-th bit pattern: a prime, so that all exponents meet all kinds of mantissas.
    private static func floats(every step: UInt32) -> [Float] {
        stride(from: UInt32(0), to: .max - step, by: Int(step)).map(Float.init(bitPattern:))
    }

    private static let sample = floats(every: 4999)

    /// A function with its bound, and the float where it is reached.
    private static let bounds: [(ActivationCode, ulps: Double, worst: Float)] = [
        (SK_SIGMOID, 2.5, -0x1.0a2bd8p+4), (SK_TANH, 2.5, 0x1.205368p+2),
        (SK_ELU, 1.11, -0x1.253492p-2), (SK_SOFTPLUS, 2.81, -0x1.6588c2p+2),
        (SK_SOFTSIGN, 1.5, 0x1.ffd7fep+10),
    ]

    @Test(arguments: Kernels.all.map(\.name))
    func activationsAreAccurateOverAllFloats(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        let inputs = Self.floats(every: 997) + Self.bounds.map(\.worst)
        let stretch = 4096
        let x = Floats(stretch), y = Floats(stretch)
        for (f, bound, _) in Self.bounds {
            var worst = 0.0, lost = 0
            for begin in stride(from: 0, to: inputs.count, by: stretch) {
                let part = inputs[begin..<min(begin + stretch, inputs.count)]
                for (i, value) in part.enumerated() { x[i] = value }
                kernels.transform(
                    y.pointer, from: x.pointer, chain: ChainArguments(f),
                    part: TensorPart(stride: 0, features: stretch, rows: 0..<1))
                for i in 0..<part.count {
                    let exact = exactValue(f, Double(x[i]))
                    if exact.isNaN {
                        lost += y[i].isNaN ? 0 : 1
                    } else if abs(exact) < Double(Float.leastNormalMagnitude) {
                        lost += abs(Double(y[i]) - exact) <= 5e-39 ? 0 : 1
                    } else {
                        worst = max(worst, ulps(y[i], exact))
                    }
                }
            }
            #expect(worst <= bound, "\(f)")
            #expect(lost == 0, "\(f)")
        }
    }

    @Test(arguments: Kernels.all.map(\.name)) func exponentialsAreAccurate(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        // Beside a zero, softmax shows exp x as a ratio; division and scaling add an ulp.
        let sample = Self.sample.filter { $0 <= 0 && $0 > -87 }
        let rows = Floats(sample.count * 16)
        for (i, x) in sample.enumerated() { rows[i * 16 + 1] = x }
        kernels.softmax(
            rows.pointer, from: rows.pointer, strides: .rows(16, kernels), rows: sample.count,
            columns: 2)
        var worst = 0.0
        for (i, x) in sample.enumerated() {
            let ratio = Double(rows[i * 16 + 1]) / Double(rows[i * 16])
            worst = max(worst, abs(ratio / exp(Double(x)) - 1))
        }
        #expect(worst <= 3 * 0x1p-23)
    }

    @Test(arguments: Kernels.all.map(\.name)) func tanhIsOdd(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(1)
        let x = Floats(random: 1024, &random, 0...10), y = Floats(1024), mirrored = Floats(1024)
        let row = TensorPart(stride: 0, features: 1024, rows: 0..<1)
        kernels.transform(
            y.pointer, from: x.pointer, chain: ChainArguments(SK_TANH), part: row)
        for i in 0..<1024 { x[i] = -x[i] }
        kernels.transform(
            mirrored.pointer, from: x.pointer, chain: ChainArguments(SK_TANH), part: row)
        #expect(y.values == mirrored.values.map { -$0 })
    }
}
