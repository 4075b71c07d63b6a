import StrataGraph
import StrataKernels
import Testing

struct WorkerTests {
    private func team(of count: Int) -> [Worker] {
        (0..<count).map {
            Worker(rehearsing: $0, of: count, timeline: Timeline(capacity: 1))
        }
    }

    @Test(
        arguments: [1, 2, 3, 4, 6, 7],
        [(1, 1, 1), (5, 2, 5), (50, 4, 13), (7, 9, 36), (0, 3, 12)])
    func tilesCoverTheGridOnce(workers: Int, grid: (rows: Int, panels: Int, vectors: Int)) {
        var covered = Array(repeating: 0, count: grid.rows * grid.panels)
        for worker in team(of: workers) {
            let tile = worker.tile(rows: grid.rows, panels: grid.panels, vectors: grid.vectors)
            for row in tile.rows {
                for panel in tile.panels { covered[row * grid.panels + panel] += 1 }
            }
        }
        #expect(covered.allSatisfy { $0 == 1 })
    }

    /// Whoever rehearses a team's step plays its last worker.
    @Test(arguments: [1, 2, 3, 4, 6, 8], 1...40)
    func theLastTileIsTheLargest(workers: Int, vectors: Int) {
        let panels = (vectors + 3) / 4
        for rows in [1, 2, 5, 16, 33] {
            let sizes = team(of: workers).map { worker in
                let tile = worker.tile(rows: rows, panels: panels, vectors: vectors)
                let width = min(vectors, 4 * tile.panels.upperBound) - 4 * tile.panels.lowerBound
                return tile.rows.count * width
            }
            #expect(sizes.last == sizes.max(), "\(rows) rows")
        }
    }

    /// Shares of a team of two, of which the first has a fifth.
    @Test func partsOfUnequalWorkersMeet() {
        let barrier = Barrier(workers: 2)
        let cuts = [WorkCut(begin: 0, end: 13_107), WorkCut(begin: 13_107, end: WorkCut.whole)]
        let team = cuts.enumerated().map { index, cut in
            Worker(
                index: index, count: 2, barrier: barrier, scratch: ProductScratch(), cut: cut)
        }
        #expect(team.map { $0.share(of: 10) } == [0..<2, 2..<10])
        #expect(team.map { $0.share(of: 1) } == [0..<0, 0..<1])
        #expect(team.map { $0.share(of: 0) } == [0..<0, 0..<0])
        #expect(team.map { $0.tile(rows: 3, panels: 10).panels } == [0..<2, 2..<10])
        #expect(team.map { $0.tile(rows: 10, panels: 1).rows } == [0..<2, 2..<10])
    }

    /// Of 5 vectors in two panels one worker would else have four.
    @Test func rowsAreSharedWherePanelsAreUnequal() {
        let tile = team(of: 2)[0].tile(rows: 100, panels: 2, vectors: 5)
        #expect(tile.rows == 0..<50 && tile.panels == 0..<2)
        let whole = team(of: 2)[0].tile(rows: 100, panels: 2)
        #expect(whole.rows == 0..<100 && whole.panels == 0..<1)
    }
}
