import StrataGraph
import Testing

struct RowBlocksTests {
    @Test(arguments: [1, 5, 12, 48, 96, 1000], [1, 11, 12, 47, 48, 49, 97, 400, 1600])
    func blocksCoverAllRowsWithinTheLimit(limit: Int, rows: Int) {
        let blocks = RowBlocks(rows: rows, limit: limit)
        var next = 0
        while next < rows {
            let block = blocks.block(from: next)
            #expect(block.lowerBound == next && !block.isEmpty && block.count <= limit)
            next = block.upperBound
        }
        #expect(next == rows)
    }

    @Test func blocksAreOfAboutOneSize() {
        #expect(RowBlocks(rows: 400, limit: 96).size == 84)
        #expect(RowBlocks(rows: 96, limit: 96).size == 96)
        #expect(RowBlocks(rows: 100, limit: nil).size == 100)
    }
}
