import CStrataKernels
import StrataKernels
import Testing

@Suite struct FlatTests {
    private let counts = oddSizes + [1000, 1027, 5000]

    @Test(arguments: Kernels.all.map(\.name))
    func simpleFlatKernelsDoWhatTheySay(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(1)
        for n in counts {
            let x = Floats(random: n, &random), y = Floats(random: n, &random)
            let sum = y.copy, filled = Floats(n)
            kernels.add(sum.pointer, x.pointer, count: n)
            #expect(sum.values == zip(x.values, y.values).map { $0 + $1 })
            kernels.fill(filled.pointer, value: 3, count: n)
            #expect(filled.values == [Float](repeating: 3, count: n))
            let squares = x.values.reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(abs(kernels.sumOfSquares(x.pointer, count: n) - squares) <= 1e-12 * squares)
            #expect(kernels.allFinite(x.pointer, count: n))
            for bad in [Float.nan, .infinity, -.infinity] {
                for place in Set([0, n / 2, n - 1]) {
                    let copy = x.copy
                    copy[place] = bad
                    #expect(!kernels.allFinite(copy.pointer, count: n))
                }
            }
            #expect(sum.isFenceWhole && filled.isFenceWhole)
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func optimizersFollowTheirFormulas(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(2)
        let kinds: [OptimizerCode] = [SK_SGD, SK_NESTEROV, SK_ADAM, SK_RMSPROP, SK_ADAGRAD]
        for (index, kind) in (kinds + [SK_SGD]).enumerated() {
            for n in oddSizes {
                var u = UpdateArguments()
                (u.kind, u.rate, u.scale, u.clip) = (kind, 0.1, 0.5, n % 2 == 0 ? 0.3 : 0)
                (u.l1, u.l2, u.decay) = (0.01, 0.02, 0.03)
                u.momentum = index == kinds.count ? 0 : 0.9
                (u.beta1, u.beta2, u.epsilon) = (0.9, 0.99, 1e-3)
                (u.rest1, u.rest2) = (0.1, 0.01)
                (u.correction1, u.correction2) = (0.19, 0.0199)
                let w = Floats(random: n, &random), g = Floats(random: n, &random)
                let m = Floats(random: n, &random), v = Floats(random: n, &random, 0...1)
                w[0] = 0
                let expected = (0..<n).map { exact(u, w[$0], g[$0], m[$0], v[$0]) }
                let isPlain = index == kinds.count
                kernels.update(
                    u, parameters: w.pointer, gradients: g.pointer,
                    momenta: isPlain ? nil : m.pointer, squares: v.pointer, count: n)
                for i in 0..<n {
                    #expect(isClose(w[i], expected[i].w))
                    #expect(isPlain || isClose(m[i], expected[i].m))
                    #expect(isClose(v[i], expected[i].v))
                }
                #expect(w.isFenceWhole && m.isFenceWhole && v.isFenceWhole)
            }
        }
    }

    private func exact(
        _ u: UpdateArguments, _ w0: Float, _ g0: Float, _ m0: Float, _ v0: Float
    ) -> (w: Double, m: Double, v: Double) {
        func d(_ x: Float) -> Double { Double(x) }
        var w = d(w0), m = d(m0), v = d(v0)
        var g = d(g0) * d(u.scale)
        if u.clip > 0 { g = min(d(u.clip), max(-d(u.clip), g)) }
        g += d(u.l2) * w + d(u.l1) * (w == 0 ? 0 : w > 0 ? 1 : -1)
        w *= 1 - d(u.rate) * d(u.decay)
        switch u.kind {
        case SK_SGD:
            if u.momentum != 0 { m = d(u.momentum) * m + g }
            w -= d(u.rate) * (u.momentum != 0 ? m : g)
        case SK_NESTEROV:
            m = d(u.momentum) * m + g
            w -= d(u.rate) * (g + d(u.momentum) * m)
        case SK_ADAM:
            m = d(u.beta1) * m + d(u.rest1) * g
            v = d(u.beta2) * v + d(u.rest2) * g * g
            w -=
                d(u.rate) * (m / d(u.correction1))
                / ((v / d(u.correction2)).squareRoot() + d(u.epsilon))
        default:
            v = u.kind == SK_RMSPROP ? d(u.beta2) * v + d(u.rest2) * g * g : v + g * g
            w -= d(u.rate) * g / (v.squareRoot() + d(u.epsilon))
        }
        return (w, m, v)
    }
}
