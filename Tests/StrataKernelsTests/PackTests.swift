import StrataKernels
import Testing

@Suite struct PackTests {
    @Test(arguments: Kernels.all.map(\.name))
    func packedPanelsHoldTheMatrix(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(1)
        for columns in oddSizes {
            let depth = random.size(oddSizes), stride = columns + 2
            let panels = kernels.plainPanels(columns), width = kernels.panelWidth
            let matrix = Floats(random: depth * stride, &random)
            let packed = Floats(panels * depth * width, repeating: .nan)
            for range in random.cut(0..<panels) {
                kernels.pack(
                    packed.pointer, from: matrix.pointer, stride: stride, depth: depth,
                    columns: columns, panels: range)
            }
            expect(packed, panels: panels, depth: depth, width: width) { k, p, lane in
                let j = p * width + lane
                return j < columns ? matrix[k * stride + j] : 0
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func packingTransposedReadsColumns(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(2)
        for columns in oddSizes {
            let depth = random.size(oddSizes), stride = depth + 1
            let panels = kernels.plainPanels(columns), width = kernels.panelWidth
            let matrix = Floats(random: columns * stride, &random)
            let packed = Floats(panels * depth * width, repeating: .nan)
            for range in random.cut(0..<panels) {
                kernels.packTransposed(
                    packed.pointer, from: matrix.pointer, stride: stride, depth: depth,
                    columns: columns, panels: range)
            }
            expect(packed, panels: panels, depth: depth, width: width) { k, p, lane in
                let j = p * width + lane
                return j < columns ? matrix[j * stride + k] : 0
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func gatePanelsHoldFourGatesSideBySide(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(3)
        for units in oddSizes {
            let depth = random.size(oddSizes)
            let panels = kernels.gatePanels(units), width = kernels.panelWidth, l = kernels.lanes
            let matrix = Floats(random: depth * 4 * units, &random)
            let packed = Floats(panels * depth * width, repeating: .nan)
            for range in random.cut(0..<panels) {
                kernels.packGates(
                    packed.pointer, from: matrix.pointer, depth: depth, units: units, panels: range)
            }
            expect(packed, panels: panels, depth: depth, width: width) { k, p, lane in
                let unit = p * l + lane % l
                return unit < units ? matrix[k * 4 * units + lane / l * units + unit] : 0
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func transposedGatesHaveTheirDepthInPanelOrder(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(4)
        for units in oddSizes {
            let columns = random.size(oddSizes)
            let width = kernels.panelWidth, l = kernels.lanes
            let depth = kernels.gatePanels(units) * width
            let panels = kernels.plainPanels(columns)
            let matrix = Floats(random: columns * 4 * units, &random)
            let packed = Floats(panels * depth * width, repeating: .nan)
            for range in random.cut(0..<panels) {
                kernels.packGatesTransposed(
                    packed.pointer, from: matrix.pointer, columns: columns, units: units,
                    panels: range)
            }
            expect(packed, panels: panels, depth: depth, width: width) { k, p, lane in
                let unit = k / width * l + k % l, gate = k % width / l
                let row = p * width + lane
                guard row < columns, unit < units else { return 0 }
                return matrix[row * 4 * units + gate * units + unit]
            }
        }
    }

    private func expect(
        _ packed: Floats, panels: Int, depth: Int, width: Int,
        _ element: (_ k: Int, _ panel: Int, _ lane: Int) -> Float
    ) {
        var wrong = 0
        for p in 0..<panels {
            for k in 0..<depth {
                for lane in 0..<width {
                    let found = packed[(p * depth + k) * width + lane]
                    wrong += found == element(k, p, lane) ? 0 : 1
                }
            }
        }
        #expect(wrong == 0)
        #expect(packed.isFenceWhole)
    }
}
