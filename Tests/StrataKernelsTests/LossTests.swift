import CStrataKernels
import Foundation
import StrataKernels
import Testing

private let losses: [LossCode] = [
    SK_MSE, SK_MAE, SK_BINARY_CROSS_ENTROPY, SK_CROSS_ENTROPY,
]

/// A row's loss and its gradient in double.
private func exactLoss(_ kind: LossCode, _ y: [Double], _ t: [Double]) -> (Double, [Double]) {
    let n = Double(y.count)
    func mean(
        _ loss: (Double, Double) -> Double, _ slope: (Double, Double) -> Double
    ) -> (Double, [Double]) {
        (zip(y, t).map(loss).reduce(0, +) / n, zip(y, t).map { slope($0, $1) / n })
    }
    switch kind {
    case SK_MSE: return mean({ ($0 - $1) * ($0 - $1) }, { 2 * ($0 - $1) })
    case SK_MAE: return mean({ abs($0 - $1) }, { $0 == $1 ? 0 : $0 > $1 ? 1 : -1 })
    case SK_BINARY_CROSS_ENTROPY:
        return mean({ max($0, 0) + log1p(exp(-abs($0))) - $0 * $1 }, { 1 / (1 + exp(-$0)) - $1 })
    default:
        let total = t.reduce(0, +)
        let top = y.reduce(-.infinity, max)
        let sum = y.map { exp($0 - top) }.reduce(0, +)
        let p = y.map { exp($0 - top) / sum }
        return (
            zip(y, t).map { $1 * (log(sum) + top - $0) }.reduce(0, +),
            zip(p, t).map { total * $0 - $1 }
        )
    }
}

@Suite struct LossTests {
    @Test(arguments: Kernels.all.map(\.name)) func denseLossesMatchDoubles(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(1)
        for kind in losses {
            for columns in oddSizes {
                let rows = 4, stride = padded(columns)
                let y = Floats(random: rows * stride, &random, -9...9)
                let t = Floats(random: rows * stride, &random, 0...1)
                // Probabilities sum to 1, but what is given may be something else.
                for row in 0..<rows where kind == SK_CROSS_ENTROPY && row != 2 {
                    let sum = (0..<columns).reduce(Float(0)) { $0 + t[row * stride + $1] }
                    for j in 0..<columns { t[row * stride + j] /= sum }
                }
                let weights = Floats([0.5, 0, 2, 1])
                let dy = Floats(rows * stride, repeating: 9), inPlace = y.copy
                var loss = [Double](repeating: .nan, count: rows), again = loss, alone = loss
                func run(_ result: inout [Double], _ y: Floats, _ gradient: Floats?) {
                    kernels.denseLoss(
                        &result, gradient: gradient?.pointer, outputs: y.pointer,
                        strides: .rows(stride, kernels), targets: t.pointer, stride: stride,
                        kind: kind, weights: weights.pointer, rows: rows, columns: columns)
                }
                run(&loss, y, dy)
                run(&alone, y, nil)
                run(&again, inPlace, inPlace)
                #expect(loss == again && loss == alone)
                for row in 0..<rows {
                    let range = row * stride..<row * stride + columns
                    var (expected, gradient) = exactLoss(
                        kind, range.map { Double(y[$0]) }, range.map { Double(t[$0]) })
                    if weights[row] == 0 { expected = 0 }
                    #expect(abs(loss[row] - expected) <= 1e-6 * max(1, abs(expected)))
                    gradient = gradient.map { $0 * Double(weights[row]) }
                    for (at, exact) in zip(range, gradient) {
                        #expect(isClose(dy[at], exact))
                        #expect(dy[at].bitPattern == inPlace[at].bitPattern)
                    }
                }
                #expect(dy.isFenceWhole)
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func softmaxCrossEntropyMatchesDoubles(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(2)
        for columns in oddSizes {
            let rows = 5, stride = padded(columns)
            let x = Floats(random: rows * stride, &random, -30...30)
            let weights = Floats([0.5, 0, 2, 1, 1])
            var targets = (0..<rows).map { _ in Int32(random.size(Array(0..<columns))) }
            targets[3] = -1
            let dx = x.copy
            var loss = [Double](repeating: .nan, count: rows), alone = loss
            kernels.softmaxCrossEntropy(
                &loss, gradient: dx.pointer, logits: dx.pointer, strides: .rows(stride, kernels),
                targets: targets, weights: weights.pointer, rows: rows, columns: columns)
            kernels.softmaxCrossEntropy(
                &alone, gradient: nil, logits: x.pointer, strides: .rows(stride, kernels),
                targets: targets, weights: weights.pointer, rows: rows, columns: columns)
            #expect(loss == alone)
            for row in 0..<rows {
                let range = row * stride..<row * stride + columns
                guard targets[row] >= 0, weights[row] != 0 else {
                    #expect(loss[row] == 0)
                    #expect(range.allSatisfy { dx[$0] == 0 })
                    continue
                }
                var t = [Double](repeating: 0, count: columns)
                t[Int(targets[row])] = 1
                let (expected, gradient) = exactLoss(
                    SK_CROSS_ENTROPY, range.map { Double(x[$0]) }, t)
                #expect(abs(loss[row] - expected) <= 3e-7 * max(1, abs(expected)))
                for (at, exact) in zip(range, gradient) {
                    // The difference to the largest logit, up to 60, is rounded to a float.
                    let gradient = exact * Double(weights[row])
                    #expect(isClose(dx[at], gradient, scale: abs(gradient), tolerance: 6e-6))
                }
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func aConfidentPredictionKeepsItsSmallLoss(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        let x = Floats([30, 0, 0] + [Float](repeating: 0, count: 13))
        var loss = 0.0
        kernels.softmaxCrossEntropy(
            &loss, gradient: x.pointer, logits: x.pointer, strides: .rows(16, kernels),
            targets: [0], weights: [1], rows: 1, columns: 3)
        let exact = log1p(2 * exp(-30.0))
        #expect(abs(loss / exact - 1) < 1e-2)
        #expect(abs(Double(x[0]) / (1 - exp(exact)) - 1) < 1e-2)
    }

    /// So that a run does not end with an infinite loss after an update with finite gradients.
    @Test(arguments: Kernels.all.map(\.name))
    func aSquareMayLeaveTheRangeOfFloats(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        let y = Floats(16, repeating: 1e30), t = Floats(16, repeating: 0), dy = Floats(16)
        var loss = 0.0
        kernels.denseLoss(
            &loss, gradient: dy.pointer, outputs: y.pointer, strides: .rows(16, kernels),
            targets: t.pointer, stride: 16, kind: SK_MSE, weights: [1], rows: 1, columns: 2)
        #expect(abs(loss / 1e60 - 1) < 1e-6 && dy[0] == 1e30)
    }

    @Test(arguments: Kernels.all.map(\.name))
    func aNaNInTheOutputsReachesTheLoss(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for columns in oddSizes {
            for bad in Set([0, columns - 1]) {
                let stride = padded(columns)
                let y = Floats(stride, repeating: 0.5), t = Floats(stride, repeating: 0.5)
                y[bad] = .nan
                var loss = 0.0
                for kind in losses {
                    kernels.denseLoss(
                        &loss, gradient: nil, outputs: y.pointer, strides: .rows(stride, kernels),
                        targets: t.pointer, stride: stride, kind: kind, weights: [1], rows: 1,
                        columns: columns)
                    #expect(loss.isNaN)
                }
                kernels.softmaxCrossEntropy(
                    &loss, gradient: nil, logits: y.pointer, strides: .rows(stride, kernels),
                    targets: [0], weights: [1], rows: 1, columns: columns)
                #expect(loss.isNaN)
            }
        }
    }
}
