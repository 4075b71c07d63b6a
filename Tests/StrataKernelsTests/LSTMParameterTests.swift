import StrataKernels
import Testing

@Suite struct LSTMParameterTests {
    @Test(arguments: Kernels.all.map(\.name))
    func lookupIsTheProductOfOneHotRows(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(1)
        for units in oddSizes {
            let rows = random.size([1, 2, 9, 33]), vocabulary = 11, l = kernels.lanes
            let panels = kernels.gatePanels(units)
            let tokens = (0..<rows).map { _ in Int32(random.size(Array(-1..<vocabulary))) }
            let weights = Floats(random: vocabulary * 4 * units, &random)
            let bias = Floats(random: 4 * units, &random)
            let gates = Floats(panels * rows * 4 * l, repeating: .nan)
            for range in random.cut(0..<panels) {
                kernels.lstmLookup(
                    gates.pointer, panelStride: rows * 4 * l, tokens: tokens, rows: rows,
                    weights: weights.pointer, bias: bias.pointer, units: units, panels: range)
            }
            var wrong = 0
            for place in 0..<gates.count {
                let lane = place % l, gate = place / l % 4, row = place / (4 * l) % rows
                let unit = place / (4 * l * rows) * l + lane
                let token = Int(tokens[row]), column = gate * units + unit
                var expected: Float = 0
                if unit < units { expected = bias[column] }
                if unit < units, token >= 0 { expected += weights[token * 4 * units + column] }
                wrong += gates[place] == expected ? 0 : 1
            }
            #expect(wrong == 0)
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func parameterGradientsAddUpOverRows(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(2)
        for units in oddSizes {
            let rows = random.size([1, 2, 9, 33]), vocabulary = 5, l = kernels.lanes
            let panels = kernels.gatePanels(units), stride = padded(units)
            let tokens = (0..<rows).map { _ in Int32(random.size(Array(-1..<vocabulary))) }
            let gates = Floats(random: panels * rows * 4 * l, &random)
            let before = Floats(random: rows * stride, &random)
            let after = Floats(random: rows * stride, &random)
            let dw = Floats(vocabulary * 4 * units, repeating: 1)
            let db = Floats(4 * units, repeating: 1), dp = Floats(3 * units, repeating: 1)
            let dbAlone = db.copy
            let dz = GateRows(gates.pointer, panelStride: rows * 4 * l, precision: .float32)
            for range in random.cut(0..<panels) {
                kernels.lstmLookupBackward(
                    dw.pointer, gates: dz, tokens: tokens, rows: rows, vocabulary: vocabulary,
                    units: units, scratch: ProductScratch(), panels: range)
                kernels.lstmBiasBackward(
                    db.pointer, peepholeGradient: dp.pointer, gates: dz,
                    previousCells: before.pointer, cells: after.pointer, stride: stride, rows: rows,
                    units: units, panels: range)
                kernels.lstmBiasBackward(
                    dbAlone.pointer, peepholeGradient: nil, gates: dz, previousCells: nil,
                    cells: nil, stride: stride, rows: rows, units: units, panels: range)
            }
            var exactW = [Double](repeating: 1, count: dw.count)
            var exactB = [Double](repeating: 1, count: db.count)
            var exactP = [Double](repeating: 1, count: dp.count)
            for row in 0..<rows {
                for unit in 0..<units {
                    let dz = (0..<4).map {
                        Double(gates[(unit / l * rows + row) * 4 * l + $0 * l + unit % l])
                    }
                    for gate in 0..<4 {
                        exactB[gate * units + unit] += dz[gate]
                        if tokens[row] >= 0 {
                            exactW[Int(tokens[row]) * 4 * units + gate * units + unit] += dz[gate]
                        }
                    }
                    let at = row * stride + unit
                    exactP[unit] += dz[0] * Double(before[at])
                    exactP[units + unit] += dz[1] * Double(before[at])
                    exactP[2 * units + unit] += dz[3] * Double(after[at])
                }
            }
            for (result, exact) in [(dw, exactW), (db, exactB), (dp, exactP)] {
                #expect(zip(result.values, exact).allSatisfy { isClose($0, $1, scale: 16) })
                #expect(result.isFenceWhole)
            }
            #expect(db.bits == dbAlone.bits)
        }
    }
}
