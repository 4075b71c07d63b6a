import StrataGraph
import StrataKernels
import Testing

struct RowBlocksTests {
    @Test(arguments: [1, 5, 12, 48, 96, 1000], [1, 11, 12, 47, 48, 49, 97, 400, 1600])
    func blocksCoverAllRowsWithinTheLimit(limit: Int, rows: Int) {
        let blocks = RowBlocks(rows: rows, limit: limit, precision: .float32)
        var next = 0
        while next < rows {
            let block = blocks.block(from: next)
            #expect(block.lowerBound == next && !block.isEmpty && block.count <= limit)
            next = block.upperBound
        }
        #expect(next == rows)
    }

    @Test func blocksAreOfAboutOneSize() {
        #expect(RowBlocks(rows: 400, limit: 96, precision: .float32).size == 84)
        #expect(RowBlocks(rows: 96, limit: 96, precision: .float32).size == 96)
        #expect(RowBlocks(rows: 100, limit: nil, precision: .float32).size == 100)
    }

    @Test(arguments: [97, 400, 700, 1600], [96, 192])
    func inBFloat16NoStepOfPairsIsParted(rows: Int, limit: Int) {
        let blocks = RowBlocks(rows: rows, limit: limit, precision: .bfloat16)
        #expect(blocks.count == 1 || blocks.size % (2 * Kernels.largestPairStep) == 0)
        for kernels in Kernels.all { #expect(Kernels.largestPairStep % kernels.pairStep == 0) }
    }
}
