import Foundation
import StrataGraph
import StrataRuntime
import Testing

/// How a team's work is cut for workers of unequal speed.
struct WorkBalanceTests {
    /// The parts of some work after runs in which each worker is busy by its part and its speed.
    private func parts(
        _ balance: inout WorkBalance, speeds: [Double], runs: Int
    ) -> [Double] {
        func part(_ worker: Int) -> Double {
            guard let cut = balance.cut(of: worker) else { return 1 / Double(speeds.count) }
            return Double(cut.end - cut.begin) / Double(WorkCut.whole)
        }
        for _ in 0..<runs {
            let busy = speeds.indices.map { part($0) / speeds[$0] }
            balance.observe(of: busy.max() ?? 0) { (busy[$0], 1 / speeds[$0]) }
        }
        return speeds.indices.map(part)
    }

    @Test(arguments: [[1.0, 0.5], [1, 1, 0.4, 0.4], [0.7, 1, 1], [1, 0.06]])
    func partsBecomeThoseThatSpeedsDeserve(speeds: [Double]) {
        var balance = WorkBalance(workers: speeds.count)
        let parts = parts(&balance, speeds: speeds, runs: 100)
        let (all, even) = (speeds.reduce(0, +), 1 / Double(speeds.count))
        for (part, speed) in zip(parts, speeds) {
            // The slowest keeps a fifth of an equal part.
            let deserved = max(speed / all, 0.2 * even)
            #expect(abs(part / deserved - 1) < 0.12, "\(parts) for \(speeds)")
        }
    }

    @Test func workersOfAboutOneSpeedKeepEqualParts() {
        var balance = WorkBalance(workers: 4)
        for run in 0..<200 {
            balance.observe(of: 1.1) {
                let busy = 1 + Double((run * 7 + $0 * 3) % 11) / 100
                return (busy, 4 * busy)
            }
        }
        #expect(balance.isEven && balance.cut(of: 0) == nil)
    }

    @Test func partsBecomeEqualAgain() {
        var balance = WorkBalance(workers: 2)
        _ = parts(&balance, speeds: [1, 0.5], runs: 50)
        #expect(!balance.isEven)
        _ = parts(&balance, speeds: [0.8, 0.8], runs: 50)
        #expect(balance.isEven)
    }

    @Test(arguments: [2.0, 9, 19])
    func oneSlowRunChangesNothing(times: Double) {
        var balance = WorkBalance(workers: 2)
        balance.observe(of: times) { $0 == 0 ? (1, 2) : (times, 2 * times) }
        #expect(balance.isEven)
    }

    @Test func workersWithoutWorkAreNotTakenForFast() {
        var balance = WorkBalance(workers: 2)
        for _ in 0..<100 { balance.observe(of: 1) { $0 == 0 ? (1, 1) : (0, 1) } }
        for _ in 0..<100 { balance.observe(of: 1) { $0 == 0 ? (1, 1) : (1, 0) } }
        balance.observe(of: 0) { _ in (0, 0) }
        #expect(balance.isEven)
    }

    /// A worker so slow that it has the least part keeps it.
    @Test func partsRestWhereNothingChanges() {
        var balance = WorkBalance(workers: 2)
        _ = parts(&balance, speeds: [1, 0.06], runs: 100)
        let cut = balance.cut(of: 1)
        for run in 0..<50 {
            _ = parts(&balance, speeds: [1, 0.06 + 0.002 * Double(run % 2)], runs: 1)
            #expect(balance.cut(of: 1) == cut)
        }
    }

    @Test(arguments: [[1.0, 3], [5, 1, 1], [0.001, 1, 1, 1], [1, 0.001]])
    func cutsCoverEverythingOnce(given: [Double]) throws {
        let balance = WorkBalance(parts: given)
        let cuts = try given.indices.map { try #require(balance.cut(of: $0)) }
        #expect(cuts.first?.begin == 0 && cuts.last?.end == WorkCut.whole)
        #expect(zip(cuts, cuts.dropFirst()).allSatisfy { $0.end == $1.begin })
        #expect(cuts.allSatisfy { $0.begin <= $0.end })
    }

    // MARK: Teams

    /// How much of a hundred each worker of two has, after runs in which the second takes three times as long for
    /// its part.
    private func shares(
        of team: WorkerTeam, isShared: Bool = true, runs: Int = 60
    ) -> [Int] {
        // Not a Mutex, which the thread sanitizer does not know.
        let lock = NSLock()
        var counts = [0, 0]
        for _ in 0..<runs {
            team.run(isShared: isShared) { worker in
                let count = worker.share(of: 100).count
                lock.withLock { counts[worker.index] = count }
                Thread.sleep(forTimeInterval: Double(count * (worker.index == 0 ? 1 : 3)) * 4e-5)
            }
        }
        return counts
    }

    @Test func theSlowerWorkerOfATeamGetsLess() {
        let shares = shares(of: WorkerTeam(count: 2))
        #expect(shares[0] > 60 && shares.reduce(0, +) == 100, "\(shares)")
    }

    /// Three panels for two workers are one and two; neither is slow for that.
    @Test(arguments: [3, 1])
    func workThatCannotBeCutEquallyIsNotTakenForSlowness(panels: Int) {
        let team = WorkerTeam(count: 2)
        let lock = NSLock()
        var counts = [0, 0]
        for _ in 0..<60 {
            team.run { worker in
                let uneven = worker.tile(rows: 1, panels: panels).panels.count
                Thread.sleep(forTimeInterval: Double(uneven) * 1e-3)
                worker.barrier()
                let even = worker.share(of: 100).count
                lock.withLock { counts[worker.index] = even }
                Thread.sleep(forTimeInterval: Double(even) * 3e-5)
            }
        }
        #expect(counts == [50, 50])
    }

    @Test func workThatIsNotSharedTeachesNothing() {
        #expect(shares(of: WorkerTeam(count: 2), isShared: false) == [50, 50])
    }

    @Test func givenSharesStay() {
        #expect(shares(of: WorkerTeam(count: 2, shares: [37, 63]), runs: 8) == [37, 63])
    }
}
