import CStrataKernels
import StrataKernels
import Testing

/// Rounds to bfloat16: to nearest, ties to even; denormal numbers become zero.
private func rounded(_ value: Float) -> Float {
    guard !value.isSubnormal else { return value.sign == .minus ? -0.0 : 0 }
    let bits = value.bitPattern
    return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
}

/// The numbers of words, the one of the even place first.
private func numbers(_ words: Floats, _ range: Range<Int>) -> [Float] {
    range.flatMap { at in
        let bits = words[at].bitPattern
        return [Float(bitPattern: bits << 16), Float(bitPattern: bits & 0xFFFF_0000)]
    }
}

/// What a chain of fused multiply-adds over pairs makes of two rows of rounded numbers.
private func chain(_ a: [Float], _ b: [Float]) -> Float {
    var sum: Float = 0
    for k in stride(from: 0, to: a.count, by: 2) {
        if k + 1 < a.count { sum.addProduct(a[k + 1], b[k + 1]) }
        sum.addProduct(a[k], b[k])
    }
    return sum
}

/// The same where `step` pairs at a time are added up apart, even and odd numbers each in a chain.
private func chain(_ a: [Float], _ b: [Float], step: Int) -> Float {
    guard step > 1 else { return chain(a, b) }
    var sum: Float = 0
    for first in stride(from: 0, to: a.count, by: 2 * step) {
        var apart: [Float] = [0, 0]
        for k in first..<min(first + 2 * step, a.count) { apart[k % 2].addProduct(a[k], b[k]) }
        sum += apart[0] + apart[1]
    }
    return sum
}

@Suite struct BFloat16Tests {
    @Test(arguments: Kernels.all.map(\.name))
    func halvedRowsHoldTheNumbersInPairs(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(1)
        for columns in oddSizes {
            let (rows, words) = (3, Kernels.pairs(columns))
            let x = Floats(random: rows * (columns + 1), &random)
            let tiny = [Float.leastNonzeroMagnitude, Float.leastNormalMagnitude.nextDown]
            for (place, number) in zip(stride(from: 0, to: columns, by: 3), tiny + tiny.map(-)) {
                x.pointer[place] = number
            }
            let halved = Floats(rows * words, repeating: .nan)
            kernels.halveRows(
                halved.pointer, stride: words, from: x.pointer, stride: columns + 1, rows: rows,
                columns: columns)
            for row in 0..<rows {
                let exact = x.values[row * (columns + 1)..<row * (columns + 1) + columns]
                let padding = [Float](repeating: 0, count: columns % 2)
                #expect(
                    numbers(halved, row * words..<(row + 1) * words).map(\.bitPattern)
                        == (exact.map(rounded) + padding).map(\.bitPattern))
            }
            #expect(halved.isFenceWhole)
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func halvingInPlaceAndElsewhereIsTheSame(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(2)
        for depth in oddSizes {
            let (width, panels, words) = (kernels.panelWidth, 3, Kernels.pairs(depth))
            let packed = Floats(random: panels * depth * width, &random)
            let elsewhere = Floats(panels * words * width, repeating: .nan)
            kernels.halve(
                elsewhere.pointer, stride: words * width, from: packed.pointer,
                stride: depth * width, depth: depth, panels: 0..<panels)
            let inPlace = packed.copy
            for range in random.cut(0..<panels) {
                kernels.halve(inPlace.pointer, depth: depth, panels: range)
            }
            for p in 0..<panels {
                for i in 0..<words * width {
                    let (k, j) = (i / width * 2, i % width)
                    let pair = numbers(
                        elsewhere, (p * words * width + i)..<(p * words * width + i + 1))
                    let even = packed[(p * depth + k) * width + j]
                    let odd = k + 1 < depth ? packed[(p * depth + k + 1) * width + j] : 0
                    #expect(pair == [rounded(even), rounded(odd)])
                    #expect(
                        inPlace[p * depth * width + i].bitPattern
                            == elsewhere[p * words * width + i].bitPattern)
                }
            }
        }
    }

    /// dW = xᵀ dz in pairs, from activations and gradients in float32, as a layer computes it.
    @Test(arguments: Kernels.all.map(\.name))
    func weightGradientsInPairsAreChainsOfRoundedProducts(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        for (rows, inputs, columns) in [(1, 1, 1), (7, 13, 9), (32, 24, 64), (51, 33, 70)] {
            var random = TestRandom(rows)
            let x = Floats(random: rows * inputs, &random)
            let dz = Floats(random: rows * columns, &random)
            let xStride = Kernels.pairs(inputs)
            let (halved, scratch) = (Floats(rows * xStride), ProductScratch())
            kernels.halveRows(
                halved.pointer, stride: xStride, from: x.pointer, stride: inputs, rows: rows,
                columns: inputs)
            let panels = kernels.plainPanels(columns)
            let right = Floats(panels * rows * kernels.panelWidth)
            kernels.pack(
                right.pointer, from: dz.pointer, stride: columns, depth: rows, columns: columns,
                panels: 0..<panels)
            kernels.halve(right.pointer, depth: rows, panels: 0..<panels)
            let dW = Floats(inputs * columns, repeating: .nan)
            var product = GemmArguments()
            product.precision = .bfloat16
            (product.a, product.a_row) = (UnsafePointer(halved.pointer), xStride)
            (product.a_rows, product.scratch) = (rows, scratch.floats)
            (product.b, product.b_panel) = (UnsafePointer(right.pointer), rows * kernels.panelWidth)
            (product.c, product.c_panel) = (dW.pointer, kernels.panelWidth)
            (product.c_row, product.c_group) = (columns, kernels.lanes)
            (product.depth, product.columns) = (Kernels.pairs(rows), columns)
            kernels.gemm(product, rows: 0..<inputs, panels: 0..<panels)
            for i in 0..<inputs {
                for j in 0..<columns {
                    let a = (0..<rows).map { rounded(x[$0 * inputs + i]) }
                    let b = (0..<rows).map { rounded(dz[$0 * columns + j]) }
                    #expect(dW[i * columns + j] == chain(a, b, step: kernels.pairStep))
                }
            }
            #expect(dW.isFenceWhole)
        }
    }
}
