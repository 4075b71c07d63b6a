import CStrataKernels
import StrataKernels
import Testing

/// Integers that stand for numbers, and what one of them is worth.
private struct Quantised {
    var integers: [Int]
    var scale: Float

    init(_ numbers: some Collection<Float>, limit: Float) {
        let largest = numbers.map(abs).max() ?? 0
        scale = largest / limit
        let inverse = largest > 0 ? limit / largest : 0
        integers = numbers.map { Int(($0 * inverse).rounded(.toNearestOrEven)) }
    }
}

@Suite struct Int8Tests {
    /// The product of a row and a matrix [depth, columns] on the kernels of an instruction set.
    private func product(
        _ kernels: Kernels, _ row: [Float], _ matrix: [Float], columns: Int
    ) -> [Float] {
        let (depth, panels) = (row.count, kernels.plainPanels(columns))
        let packed = Floats(panels * depth * kernels.panelWidth)
        kernels.pack(
            packed.pointer, from: Floats(matrix).pointer, stride: columns, depth: depth,
            columns: columns, panels: 0..<panels)
        kernels.quantise(packed.pointer, depth: depth, panels: 0..<panels)
        let c = Floats(columns, repeating: .nan)
        var product = GemmArguments()
        product.precision = .int8Weights
        product.a = UnsafePointer(Floats(row).pointer)
        (product.a_row, product.a_block_depth) = (depth, depth)
        (product.b, product.b_panel) = (UnsafePointer(packed.pointer), depth * kernels.panelWidth)
        (product.c, product.c_panel) = (c.pointer, kernels.panelWidth)
        (product.c_row, product.c_group) = (columns, kernels.lanes)
        (product.depth, product.columns) = (depth, columns)
        kernels.gemm(product, rows: 0..<1, panels: 0..<panels)
        #expect(c.isFenceWhole && packed.isFenceWhole)
        return c.values
    }

    /// The same, with a scale for each block of the row, and integer sums of any size.
    private func exactProduct(_ row: [Float], _ matrix: [Float], columns: Int) -> [Float] {
        (0..<columns).map { column in
            let numbers = stride(from: column, to: matrix.count, by: columns).map { matrix[$0] }
            let weights = Quantised(numbers, limit: 127)
            var result: Float = 0
            for first in stride(from: 0, to: row.count, by: Kernels.byteBlock) {
                let places = first..<min(first + Kernels.byteBlock, row.count)
                let block = Quantised(row[places], limit: 32767)
                let sum = zip(block.integers, weights.integers[places]).reduce(0) {
                    $0 + $1.0 * $1.1
                }
                result += Float(sum) * block.scale * weights.scale
            }
            return result
        }
    }

    @Test(arguments: Kernels.all.map(\.name), [2, 3, 31, 511, 512, 513, 1030])
    func productsAreExactSumsOfIntegers(_ name: String, depth: Int) throws {
        let kernels = try #require(Kernels.named(name))
        for columns in [1, 8, 33, 130] {
            var random = TestRandom(depth + columns)
            let row = (0..<depth).map { _ in random.float(-3...3) }
            let matrix = (0..<depth * columns).map { _ in random.float() }
            #expect(
                product(kernels, row, matrix, columns: columns).map(\.bitPattern)
                    == exactProduct(row, matrix, columns: columns).map(\.bitPattern))
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func theLargestSumsDoNotOverflow(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for (a, b) in [(1, 1), (-1, 1), (1, -1), (-1, -1)] as [(Float, Float)] {
            let depth = 2 * Kernels.byteBlock
            let row = [Float](repeating: a, count: depth)
            let sums = product(kernels, row, [Float](repeating: b, count: depth), columns: 1)
            #expect(abs(sums[0] - a * b * Float(depth)) < 1e-3)
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func columnsOfZerosGiveZeroAndSingleNumbersStay(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        let zeros = [Float](repeating: 0, count: 6)
        #expect(product(kernels, [1, -2, 3], zeros, columns: 2) == [0, 0])
        #expect(product(kernels, [0, 0], [1, 2, 3, 4], columns: 2) == [0, 0])
        #expect(product(kernels, [0.3], [0.7, 0, -5], columns: 3) == [0.3 * 0.7, 0, -1.5])
    }

    @Test(arguments: Kernels.all.map(\.name), [Float.nan, .infinity, -.infinity])
    func whatIsNotFiniteIsNotHidden(_ name: String, value: Float) throws {
        let kernels = try #require(Kernels.named(name))
        let inColumn = product(kernels, [1, 0, 1], [1, 2, 3, value, 5, 6], columns: 2)
        #expect(inColumn[0].isFinite && inColumn[1].isNaN)
        let inRow = product(kernels, [1, value, 0], [1, 0, 3, 0, 5, 0], columns: 2)
        #expect(inRow.allSatisfy { $0.isNaN })
    }

    @Test(arguments: Kernels.all.map(\.name))
    func quantisingInPlaceAndElsewhereIsTheSame(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(3)
        for depth in oddSizes where depth > 1 {
            let (width, panels) = (kernels.panelWidth, 3)
            let count = width + (depth + 1) / 2 * width / 2
            let packed = Floats(random: panels * depth * width, &random)
            let elsewhere = Floats(panels * count, repeating: .nan)
            kernels.quantise(
                elsewhere.pointer, stride: count, from: packed.pointer, stride: depth * width,
                depth: depth, panels: 0..<panels)
            let inPlace = packed.copy
            for range in random.cut(0..<panels) {
                kernels.quantise(inPlace.pointer, depth: depth, panels: range)
            }
            for p in 0..<panels {
                #expect(
                    inPlace.bits[p * depth * width..<p * depth * width + count]
                        == elsewhere.bits[p * count..<(p + 1) * count])
            }
            #expect(elsewhere.isFenceWhole && inPlace.isFenceWhole)
        }
    }
}
