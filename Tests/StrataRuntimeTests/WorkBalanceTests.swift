import Foundation
import StrataGraph
import StrataRuntime
import Synchronization
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

    // MARK: Clocks

    /// The times of a worker that takes parts, works for a while, meets the others, and so on.
    private func times(_ works: [(parts: [Double?], time: UInt64)]) -> (busy: Double, whole: Double)
    {
        let time = Mutex<UInt64>(0)
        let clock = WorkClock { time.withLock { $0 } }
        clock.measure {
            for work in works {
                work.parts.forEach(clock.take)
                time.withLock { $0 += work.time }
                clock.wait(at: nil)
            }
        }
        return (clock.busy, clock.whole)
    }

    @Test func timesAreThoseOfTheWholeWork() {
        #expect(times([([0.5], 10), ([0.25], 10)]) == (20, 60))
        // Parts that are taken together count alike.
        #expect(times([([0.25, 0.75], 10)]) == (10, 20))
        // Without a new part it is the last one that goes on.
        #expect(times([([0.5], 10), ([], 6)]) == (16, 32))
    }

    @Test func workOfWhichSomebodyHasNothingDoesNotCount() {
        #expect(times([([0.5], 10), ([nil], 5), ([], 1)]) == (16, 20))
        #expect(times([([0.5], 10), ([0.5, nil], 5)]) == (15, 20))
        // Where that is most of all, nothing is known.
        #expect(times([([0.5], 10), ([nil], 11)]) == (21, 0))
        #expect(times([([], 10)]) == (10, 0))
    }

    /// Three panels for two workers are one and two; neither is slow for that.
    @Test func workThatCannotBeCutEquallyIsNotTakenForSlowness() {
        let workers = [1.0 / 3, 2.0 / 3].map { part in
            times([([part], UInt64(3000 * part)), ([0.5], 2000)])
        }
        var balance = WorkBalance(workers: 2)
        for _ in 0..<50 { balance.observe(of: 4000) { workers[$0] } }
        #expect(balance.isEven)
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

    @Test func workThatIsNotSharedTeachesNothing() {
        #expect(shares(of: WorkerTeam(count: 2), isShared: false) == [50, 50])
    }

    @Test func givenSharesStay() {
        #expect(shares(of: WorkerTeam(count: 2, shares: [37, 63]), runs: 8) == [37, 63])
    }
}
