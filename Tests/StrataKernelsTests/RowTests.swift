import CStrataKernels
import Foundation
import StrataKernels
import Testing

@Suite struct RowTests {
    @Test(arguments: Kernels.all.map(\.name))
    func activationsMatchTheirDefinitions(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(1)
        for f in activations {
            for columns in oddSizes {
                let rows = random.size([1, 3]), stride = padded(columns)
                let x = Floats(random: rows * stride, &random, -6...6)
                let dy = Floats(random: rows * stride, &random)
                let y = Floats(rows * stride), dx = dy.copy
                let chain = ChainArguments(f)
                let part = TensorPart(stride: stride, features: columns, rows: 0..<rows)
                kernels.transform(y.pointer, from: x.pointer, chain: chain, part: part)
                kernels.transformBackward(
                    dx.pointer, from: dx.pointer,
                    x: chain.needsInput ? UnsafePointer(x.pointer) : nil,
                    y: chain.needsInput ? nil : UnsafePointer(y.pointer), chain: chain, part: part)
                var bad = 0
                for row in 0..<rows {
                    for at in row * stride..<row * stride + columns {
                        let exact = Double(x[at])
                        bad += isClose(y[at], exactValue(f, exact), tolerance: 5e-7) ? 0 : 1
                        bad += isClose(dx[at], Double(dy[at]) * exactSlope(f, exact)) ? 0 : 1
                    }
                }
                #expect(bad == 0, "\(f), \(columns) columns")
                #expect(y.isFenceWhole && dx.isFenceWhole)
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func activationsKeepNaNAndSaturate(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        let special: [Float] = [.nan, .infinity, -.infinity, 1e30, -1e30, 200, -200, 0, -0.0]
        let x = Floats(special + [Float](repeating: 0, count: 7))
        for f in activations {
            let y = Floats(16)
            let part = TensorPart(stride: 16, features: 9, rows: 0..<1)
            kernels.transform(y.pointer, from: x.pointer, chain: ChainArguments(f), part: part)
            #expect(y[0].isNaN, "\(f)")
            for i in 1..<9 {
                let exact = exactValue(f, Double(x[i]))
                let isRight = exact.isInfinite ? Double(y[i]) == exact : isClose(y[i], exact)
                #expect(isRight, "\(f) of \(x[i])")
            }
            let dy = Floats(16, repeating: 1)
            kernels.transformBackward(
                dy.pointer, from: dy.pointer, x: x.pointer, y: y.pointer, chain: ChainArguments(f),
                part: part)
            for i in 1..<9 { #expect(dy[i] >= 0 && dy[i] <= 1.2, "\(f) at \(x[i])") }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func softmaxAndItsGradientMatchDoubles(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(2)
        for columns in oddSizes {
            let rows = 3, stride = padded(columns)
            let x = Floats(random: rows * stride, &random, -20...20)
            let dy = Floats(random: rows * stride, &random)
            let y = x.copy, dx = Floats(rows * stride)
            kernels.softmax(
                y.pointer, from: y.pointer, strides: .rows(stride, kernels), rows: rows,
                columns: columns)
            kernels.softmaxBackward(
                dx.pointer, from: dy.pointer, y: y.pointer, strides: .rows(stride, kernels),
                rows: rows, columns: columns)
            for row in 0..<rows {
                let range = row * stride..<row * stride + columns
                let terms = range.map { exp(Double(x[$0])) }
                let p = terms.map { $0 / terms.reduce(0, +) }
                let mean = zip(range, p).map { Double(dy[$0]) * $1 }.reduce(0, +)
                for (at, p) in zip(range, p) {
                    // The difference to the largest logit, up to 40, is rounded to a float.
                    #expect(isClose(y[at], p, scale: p, tolerance: 4e-6))
                    #expect(isClose(dx[at], p * (Double(dy[at]) - mean)))
                }
            }
        }
    }

    @Test(arguments: Kernels.all.map(\.name))
    func gatherAndScatterAreTransposes(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(3)
        for columns in oddSizes {
            let rows = 13, vocabulary = 5, stride = padded(columns)
            let tokens = (0..<rows).map { _ in Int32(random.size(Array(-1..<vocabulary))) }
            let table = Floats(random: vocabulary * columns, &random)
            let y = Floats(rows * stride, repeating: 9)
            kernels.gather(
                y.pointer, stride: stride, table: table.pointer, columns: columns, tokens: tokens,
                rows: rows)
            let sums = Floats(vocabulary * columns)
            for range in random.cut(0..<columns) {
                kernels.scatterAdd(
                    sums.pointer, columns: columns, from: y.pointer, stride: stride, tokens: tokens,
                    rows: rows, columnRange: range)
            }
            for row in 0..<rows {
                for j in 0..<columns {
                    let token = Int(tokens[row])
                    #expect(y[row * stride + j] == (token < 0 ? 0 : table[token * columns + j]))
                }
            }
            for token in 0..<vocabulary {
                let times = Double(tokens.count { $0 == token })
                for j in 0..<columns {
                    let at = token * columns + j
                    #expect(isClose(sums[at], times * Double(table[at])))
                }
            }
            #expect(y.isFenceWhole && sums.isFenceWhole)
        }
    }

    @Test(arguments: Kernels.all.map(\.name)) func columnSumsMatchDoubles(_ name: String) throws {
        let kernels = try #require(Kernels.named(name))
        var random = TestRandom(4)
        for columns in oddSizes {
            let rows = 33, stride = padded(columns)
            let dy = Floats(random: rows * stride, &random)
            let once = Floats(columns, repeating: 1), shared = once.copy
            kernels.columnSums(
                once.pointer, from: dy.pointer, stride: stride, rows: rows,
                columnRange: 0..<columns)
            for range in random.cut(0..<columns) {
                kernels.columnSums(
                    shared.pointer, from: dy.pointer, stride: stride, rows: rows,
                    columnRange: range)
            }
            #expect(once.bits == shared.bits)
            for j in 0..<columns {
                let exact = (0..<rows).reduce(1.0) { $0 + Double(dy[$1 * stride + j]) }
                #expect(isClose(once[j], exact, scale: 16))
            }
            #expect(once.isFenceWhole && shared.isFenceWhole)
        }
    }
}
