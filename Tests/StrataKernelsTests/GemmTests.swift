import CStrataKernels
import StrataKernels
import Testing

/// One product in all its layouts, with what a double loop says it is.
private struct Product {
    let kernels: Kernels
    let rows: Int, columns: Int, depth: Int
    let gates: Bool, whole: Bool, accumulate: Bool, biased: Bool
    let blockDepth: Int
    let transposed: Bool
    let activation: ActivationCode
    let a: Floats, b: [Float], bias: Floats, start: Floats, packed: Floats
    let aRow: Int, aBlock: Int, rowsBefore: Int
    let cRow: Int, cPanel: Int, cGroup: Int, panels: Int
    let scratch = ProductScratch()

    init(_ kernels: Kernels, _ random: inout TestRandom) {
        self.kernels = kernels
        rows = random.size([1, 2, 3, 4, 5, 6, 7, 11, 13, 33, 50, 100, 200])
        columns = random.size(oddSizes)
        depth = random.size([1, 2, 31, 33, 130, 300] + (rows < 8 ? [600, 1100] : []))
        gates = Bool.random(using: &random)
        whole = Bool.random(using: &random)
        accumulate = Bool.random(using: &random)
        biased = Bool.random(using: &random)
        transposed = Bool.random(using: &random)
        let isActivated = random.size([0, 1, 2]) == 0
        activation = isActivated ? activations[random.size(Array(0..<12))] : SK_IDENTITY
        let blocks = transposed ? 1 : random.size([1, 1, 3])
        blockDepth = (depth + blocks - 1) / blocks
        aRow = padded(transposed ? rows : blockDepth)
        aBlock = transposed ? 0 : rows * aRow
        rowsBefore = transposed ? random.size([0, 1, depth / 2, depth]) : 0
        a = Floats(random: transposed ? depth * aRow : blocks * aBlock, &random)
        let width = gates ? 4 * columns : columns
        b = (0..<depth * width).map { _ in random.float() }
        bias = Floats(random: width, &random)
        panels = gates ? kernels.gatePanels(columns) : kernels.plainPanels(columns)
        let l = kernels.lanes
        if whole {
            cRow = gates ? 4 * l : padded(columns) + 16
            cPanel = gates ? rows * 4 * l : 4 * l
            cGroup = l
            start = Floats(random: gates ? panels * cPanel : rows * cRow, &random)
        } else {
            cRow = width
            cPanel = gates ? l : 4 * l
            cGroup = gates ? columns : l
            start = Floats(random: rows * width, &random)
        }
        packed = Floats(panels * depth * 4 * l, repeating: .nan)
        let dense = Floats(b)
        if gates {
            kernels.packGates(
                packed.pointer, from: dense.pointer, depth: depth, units: columns,
                panels: 0..<panels)
        } else {
            kernels.pack(
                packed.pointer, from: dense.pointer, stride: columns, depth: depth,
                columns: columns, panels: 0..<panels)
        }
    }

    /// Whether a chain may finish the sums, and keep them.
    var canBeFinished: Bool { !gates && !transposed && !accumulate }

    func arguments(c: Floats, pre: Floats?) -> GemmArguments {
        var g = GemmArguments()
        // The rows that lie apart here happen to lie just before.
        g.a = UnsafePointer(a.pointer + rowsBefore * aRow)
        g.a_row = aRow
        if transposed {
            (g.a_rows, g.scratch) = (depth, scratch.floats)
            (g.a_before, g.rows_before) = (UnsafePointer(a.pointer), rowsBefore)
        }
        g.a_block = aBlock
        g.a_block_depth = blockDepth
        g.b = UnsafePointer(packed.pointer)
        g.b_panel = depth * kernels.panelWidth
        g.c = c.pointer
        g.c_panel = cPanel
        g.c_row = cRow
        g.c_group = cGroup
        g.depth = depth
        g.columns = columns
        g.gates = gates
        g.whole = whole
        g.accumulate = accumulate
        g.bias = biased ? UnsafePointer(bias.pointer) : nil
        if canBeFinished {
            g.chain = ChainArguments(activation)
            g.pre = pre?.pointer
        }
        return g
    }

    /// Where element (m, k) is in A.
    func placeInA(_ m: Int, _ k: Int) -> Int {
        transposed
            ? k * aRow + m
            : k / blockDepth * aBlock + m * aRow + k % blockDepth
    }

    /// Where element (m, column) is in C.
    func place(_ m: Int, _ column: Int) -> Int {
        let l = kernels.lanes
        let (panel, group, lane) =
            gates
            ? ((column % columns) / l, column / columns, (column % columns) % l)
            : (column / (4 * l), column / l % 4, column % l)
        return panel * cPanel + m * cRow + group * cGroup + lane
    }

    var width: Int { gates ? 4 * columns : columns }

    /// The sum for element (m, column), and the size of its terms.
    func exact(_ m: Int, _ column: Int) -> (Double, Double) {
        var sum = accumulate ? Double(start[place(m, column)]) : biased ? Double(bias[column]) : 0
        var scale = abs(sum)
        for k in 0..<depth {
            let term =
                Double(a[placeInA(m, k)])
                * Double(b[k * width + column])
            sum += term
            scale += abs(term)
        }
        return (sum, scale)
    }
}

@Suite struct GemmTests {
    @Test(arguments: Kernels.all.map(\.name)) func gemmMatchesDoubleLoop(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for seed in 0..<60 {
            var random = TestRandom(seed)
            let product = Product(kernels, &random)
            let c = product.start.copy, pre = product.start.copy
            let g = product.arguments(c: c, pre: pre)
            kernels.gemm(g, rows: 0..<product.rows, panels: 0..<product.panels)
            var bad = 0
            for m in Set([0, product.rows / 2, product.rows - 1]) {
                for column in 0..<product.width {
                    let (sum, scale) = product.exact(m, column)
                    let place = product.place(m, column)
                    if !product.canBeFinished {
                        bad += isClose(c[place], sum, scale: scale) ? 0 : 1
                    } else {
                        let y = exactValue(product.activation, sum)
                        bad += isClose(pre[place], sum, scale: scale) ? 0 : 1
                        bad += isClose(c[place], y, scale: scale) ? 0 : 1
                    }
                }
            }
            #expect(bad == 0, "seed \(seed)")
            #expect(c.isFenceWhole && pre.isFenceWhole, "seed \(seed)")
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func gemmHasTheSameBitsHoweverItIsShared(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for seed in 100..<160 {
            var random = TestRandom(seed)
            let product = Product(kernels, &random)
            let once = product.start.copy, shared = product.start.copy
            kernels.gemm(
                product.arguments(c: once, pre: nil), rows: 0..<product.rows,
                panels: 0..<product.panels)
            let rowRanges = random.cut(0..<product.rows)
            let panelRanges = random.cut(0..<product.panels)
            for panels in panelRanges.reversed() {
                for rows in rowRanges {
                    kernels.gemm(product.arguments(c: shared, pre: nil), rows: rows, panels: panels)
                }
            }
            #expect(once.bits == shared.bits, "seed \(seed)")
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func denseColumnsBeyondTheMatrixAreNotTouched(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for columns in oddSizes {
            let packed = Floats(kernels.plainPanels(columns) * kernels.panelWidth, repeating: 1)
            let a = Floats(2, repeating: 1)
            let c = Floats(2 * (columns + 3), repeating: 5)
            var g = GemmArguments()
            (g.a, g.a_row, g.a_block_depth) = (UnsafePointer(a.pointer), 1, 1)
            (g.b, g.b_panel, g.depth, g.columns) = (
                UnsafePointer(packed.pointer), kernels.panelWidth, 1, columns
            )
            (g.c, g.c_panel, g.c_row, g.c_group) = (
                c.pointer, kernels.panelWidth, columns + 3, kernels.lanes
            )
            kernels.gemm(g, rows: 0..<2, panels: 0..<kernels.plainPanels(columns))
            let row = [Float](repeating: 1, count: columns) + [5, 5, 5]
            #expect(c.values == row + row)
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func aNaNInAMatrixReachesTheResult(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(7)
        for _ in 0..<10 {
            let product = Product(kernels, &random)
            let c = product.start.copy
            product.a[0] = .nan
            kernels.gemm(
                product.arguments(c: c, pre: nil), rows: 0..<product.rows,
                panels: 0..<product.panels)
            #expect(c[product.place(0, 0)].isNaN)
        }
    }
}
