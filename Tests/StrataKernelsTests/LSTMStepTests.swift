import CStrataKernels
import StrataKernels
import Testing

/// A step with all its tensors; gradients by the chain rule in double.
private struct Step {
    let kernels: Kernels
    let batch: Int, units: Int, stride: Int, panels: Int
    let activation: ActivationCode, gateActivation: ActivationCode
    let z: Floats, recurrent: [Float], packed: Floats, peephole: Floats?, mask: Floats?
    let hPrev: Floats, cPrev: Floats, h: Floats, c: Floats
    let dh: Floats?, dhRec: Floats, dhPass: Floats?, dc: Floats

    init(_ kernels: Kernels, _ random: inout TestRandom) {
        self.kernels = kernels
        batch = random.size([1, 2, 3, 4, 5, 8, 13, 32, 33])
        units = random.size(oddSizes)
        stride = padded(units) + 16 * random.size([0, 1])
        panels = kernels.gatePanels(units)
        let plain = Bool.random(using: &random)
        activation = plain ? SK_TANH : activations[random.size(Array(0..<12))]
        gateActivation = plain ? SK_SIGMOID : activations[random.size([1, 1, 6, 9, 11])]
        z = Floats(panels * batch * kernels.panelWidth)
        recurrent = (0..<units * 4 * units).map { _ in random.float(-0.3...0.3) }
        packed = Floats(panels * units * kernels.panelWidth)
        kernels.packGates(
            packed.pointer, from: Floats(recurrent).pointer, depth: units, units: units,
            panels: 0..<panels)
        peephole = Bool.random(using: &random) ? Floats(random: 3 * units, &random) : nil
        let masked = Bool.random(using: &random)
        mask = masked ? Floats((0..<batch).map { _ in Float(random.size([0, 1])) }) : nil
        let count = batch * stride
        (hPrev, cPrev) = (Floats(random: count, &random), Floats(random: count, &random))
        (h, c) = (Floats(count), Floats(count))
        dh = random.size([0, 1, 2]) > 0 ? Floats(random: count, &random) : nil
        (dhRec, dc) = (Floats(random: count, &random), Floats(random: count, &random))
        dhPass = masked ? Floats(count, repeating: .nan) : nil
        for row in 0..<batch {
            for unit in 0..<units {
                for gate in 0..<4 { z[place(row, gate, unit)] = random.float() }
            }
        }
    }

    func place(_ row: Int, _ gate: Int, _ unit: Int) -> Int {
        let l = kernels.lanes
        return (unit / l * batch + row) * 4 * l + gate * l + unit % l
    }

    func arguments(
        gates: Floats, h: Floats, c: Floats, dc: Floats, dhPass: Floats?
    ) -> LSTMStepArguments {
        var s = LSTMStepArguments()
        (s.units, s.stride) = (units, stride)
        (s.gates, s.gates_panel) = (gates.pointer, batch * kernels.panelWidth)
        s.recurrent = UnsafePointer(packed.pointer)
        s.peephole = peephole.map { UnsafePointer($0.pointer) }
        (s.h_prev, s.c_prev) = (UnsafePointer(hPrev.pointer), UnsafePointer(cPrev.pointer))
        (s.h, s.c) = (h.pointer, c.pointer)
        s.mask = mask.map { UnsafePointer($0.pointer) }
        (s.activation, s.gate_activation) = (activation, gateActivation)
        s.dh = dh.map { UnsafePointer($0.pointer) }
        (s.dh_rec, s.dh_pass, s.dc) = (dhRec.pointer, dhPass?.pointer, dc.pointer)
        return s
    }

    /// The values and gradients of one unit as the equations say.
    struct Exact {
        var h: Double, c: Double, stored: [Double], dz: [Double], dc: Double, pass: Double
    }

    func exact(_ row: Int, _ unit: Int) -> Exact {
        let at = row * stride + unit
        let cp = Double(cPrev[at])
        let total = Double(dhRec[at]) + Double(dh?[at] ?? 0)
        var sum = (0..<4).map { Double(z[place(row, $0, unit)]) }
        for k in 0..<units {
            for gate in 0..<4 {
                sum[gate] +=
                    Double(hPrev[row * stride + k])
                    * Double(recurrent[k * 4 * units + gate * units + unit])
            }
        }
        let p = (0..<3).map { Double(peephole?[$0 * units + unit] ?? 0) }
        sum[0] += p[0] * cp
        sum[1] += p[1] * cp
        let i = exactValue(gateActivation, sum[0]), f = exactValue(gateActivation, sum[1])
        let g = exactValue(activation, sum[2])
        let c = f * cp + i * g
        sum[3] += p[2] * c
        let o = exactValue(gateActivation, sum[3])
        let y = exactValue(activation, c)
        var stored = gateActivation.needsInput ? sum : [i, f, g, o]
        stored[2] = activation.needsInput ? sum[2] : g
        if mask?[row] == 0 {
            return Exact(
                h: Double(hPrev[at]), c: cp, stored: stored, dz: [0, 0, 0, 0], dc: Double(dc[at]),
                pass: total)
        }
        let dzo = total * y * exactSlope(gateActivation, sum[3])
        let d = Double(dc[at]) + total * o * exactSlope(activation, c) + dzo * p[2]
        let dzi = d * g * exactSlope(gateActivation, sum[0])
        let dzf = d * cp * exactSlope(gateActivation, sum[1])
        let dzg = d * i * exactSlope(activation, sum[2])
        return Exact(
            h: o * y, c: c, stored: stored, dz: [dzi, dzf, dzg, dzo],
            dc: d * f + dzi * p[0] + dzf * p[1], pass: 0)
    }
}

@Suite struct LSTMStepTests {
    @Test(arguments: Kernels.all.map(\.name))
    func lstmStepsMatchTheEquations(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for seed in 0..<40 {
            var random = TestRandom(seed)
            let step = Step(kernels, &random)
            let gates = step.z.copy, dc = step.dc.copy
            let s = step.arguments(gates: gates, h: step.h, c: step.c, dc: dc, dhPass: step.dhPass)
            kernels.lstmForward(s, rows: 0..<step.batch, panels: 0..<step.panels)
            let stored = gates.copy
            kernels.lstmBackward(s, rows: 0..<step.batch, panels: 0..<step.panels)
            var bad = 0
            func check(_ result: Float, _ expected: Double) {
                if !isClose(result, expected, scale: 4) { bad += 1 }
            }
            for row in Set([0, step.batch / 2, step.batch - 1]) {
                for unit in 0..<step.units {
                    let exact = step.exact(row, unit), at = row * step.stride + unit
                    check(step.h[at], exact.h)
                    check(step.c[at], exact.c)
                    check(dc[at], exact.dc)
                    if let pass = step.dhPass { check(pass[at], exact.pass) }
                    for gate in 0..<4 {
                        // What a masked row leaves for backward is never read.
                        if step.mask?[row] != 0 {
                            check(stored[step.place(row, gate, unit)], exact.stored[gate])
                        }
                        check(gates[step.place(row, gate, unit)], exact.dz[gate])
                    }
                }
            }
            #expect(bad == 0, "seed \(seed)")
            for tensor in [gates, step.h, step.c, dc] { #expect(tensor.isFenceWhole) }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func lstmStepsHaveTheSameBitsHoweverTheyAreShared(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for seed in 100..<130 {
            var random = TestRandom(seed)
            let step = Step(kernels, &random)
            var results: [[[UInt32]]] = []
            for shared in [false, true] {
                let gates = step.z.copy, dc = step.dc.copy, h = step.h.copy, c = step.c.copy
                let pass = step.dhPass.map { _ in Floats(step.batch * step.stride) }
                let s = step.arguments(gates: gates, h: h, c: c, dc: dc, dhPass: pass)
                let rows = shared ? random.cut(0..<step.batch) : [0..<step.batch]
                let panels = shared ? random.cut(0..<step.panels) : [0..<step.panels]
                for p in panels { for r in rows { kernels.lstmForward(s, rows: r, panels: p) } }
                for p in panels { for r in rows { kernels.lstmBackward(s, rows: r, panels: p) } }
                results.append([gates.bits, dc.bits, h.bits, c.bits, pass?.bits ?? []])
            }
            #expect(results[0] == results[1], "seed \(seed)")
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func cellsInPlaceOfThoseBeforeHaveTheSameBits(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for seed in 200..<240 {
            var random = TestRandom(seed)
            let step = Step(kernels, &random)
            let (gates, inPlace) = (step.z.copy, step.z.copy)
            let (h, c) = (step.h.copy, step.cPrev.copy)
            func arguments(gates: Floats, h: Floats, c: Floats) -> LSTMStepArguments {
                step.arguments(gates: gates, h: h, c: c, dc: step.dc, dhPass: step.dhPass)
            }
            let apart = arguments(gates: gates, h: step.h, c: step.c)
            kernels.lstmForward(apart, rows: 0..<step.batch, panels: 0..<step.panels)
            var over = arguments(gates: inPlace, h: h, c: c)
            over.c_prev = UnsafePointer(c.pointer)
            kernels.lstmForward(over, rows: 0..<step.batch, panels: 0..<step.panels)
            #expect(inPlace.bits == gates.bits, "seed \(seed)")
            #expect(h.bits == step.h.bits, "seed \(seed)")
            for row in 0..<step.batch {
                for at in row * step.stride..<row * step.stride + step.units {
                    #expect(c[at].bitPattern == step.c[at].bitPattern, "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func missingUnitsGetNoGradientWhateverTheirPaddingHolds(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(9)
        for _ in 0..<20 {
            let step = Step(kernels, &random)
            let gates = step.z.copy
            for row in 0..<step.batch {
                for unit in step.units..<step.stride {
                    step.dhRec[row * step.stride + unit] = .greatestFiniteMagnitude
                    step.dc[row * step.stride + unit] = .greatestFiniteMagnitude
                }
            }
            let s = step.arguments(
                gates: gates, h: step.h, c: step.c, dc: step.dc, dhPass: step.dhPass)
            kernels.lstmForward(s, rows: 0..<step.batch, panels: 0..<step.panels)
            kernels.lstmBackward(s, rows: 0..<step.batch, panels: 0..<step.panels)
            for row in 0..<step.batch {
                for unit in step.units..<step.panels * kernels.lanes {
                    for gate in 0..<4 { #expect(gates[step.place(row, gate, unit)] == 0) }
                }
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func aNaNInTheStateReachesTheOutput(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for seed in 0..<20 {
            var random = TestRandom(seed)
            let step = Step(kernels, &random)
            step.hPrev[0] = .nan
            let s = step.arguments(
                gates: step.z, h: step.h, c: step.c, dc: step.dc, dhPass: step.dhPass)
            kernels.lstmForward(s, rows: 0..<step.batch, panels: 0..<step.panels)
            #expect(step.h[0].isNaN)
        }
    }
}
