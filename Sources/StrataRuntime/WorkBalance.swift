package import StrataGraph

/// How a team's work is cut, so that workers of unequal speed are done at the same time.
///
/// Cores differ where a processor has large and small ones, or where other programs or virtual machines use
/// some of them. How long each worker was busy with its part tells how fast it is; parts follow where that
/// has been so for some runs. Results do not depend on the parts.
package struct WorkBalance: Sendable {
    /// Weight of the latest run in the average of speeds.
    private static let weightOfLatest = 0.1
    /// How far a part may be from what its worker's speed deserves, in terms of the part.
    private static let tolerance = 0.08
    /// The least that a worker gets, of an equal part: one that got nothing would never show its speed.
    private static let smallest = 0.2

    /// Whether all have the same part.
    package private(set) var isEven = true
    private var cuts: [WorkCut]
    /// What each worker has of the work, in terms of all of it, and what its average speed deserves, at least
    /// the least; this adds up to about 1.
    private var parts: [Double]
    private var deserved: [Double]

    /// Equal parts.
    package init(workers: Int) {
        // Memory of its own for each: a shared one would be copied, and so allocated, by the first change.
        parts = Array(repeating: 1 / Double(workers), count: workers)
        deserved = Array(repeating: 1 / Double(workers), count: workers)
        cuts = parts.map { _ in WorkCut(begin: 0, end: WorkCut.whole) }
    }

    /// Parts about as given, in any unit; positive numbers.
    package init(parts given: [Double]) {
        self.init(workers: given.count)
        let total = given.reduce(0, +)
        deserved = given.map { max($0 / total, least) }
        cut()
    }

    /// The part of one worker; nil: as much as any other's.
    package func cut(of worker: Int) -> WorkCut? { isEven ? nil : cuts[worker] }

    /// Learns from a run how fast each worker was, and cuts anew where that pays.
    ///
    /// - Parameters:
    ///   - length: the time of the whole run, in any unit.
    ///   - times: of a worker, in the same: how long it was busy, and how long all of the work would have taken it.
    package mutating func observe(
        of length: Double, times: (_ worker: Int) -> (busy: Double, whole: Double)
    ) {
        // A run in which somebody had next to nothing to do tells nothing.
        let tells = parts.indices.allSatisfy {
            let (busy, whole) = times($0)
            return busy >= length / 20 && whole > 0
        }
        guard length > 0, tells else { return }
        let all = parts.indices.reduce(0) { $0 + 1 / times($1).whole }
        for worker in parts.indices {
            let before = deserved[worker], now = 1 / times(worker).whole / all
            // A single run, however disturbed, changes no part.
            let believed = min(max(now, before / 1.5), before * 1.5)
            deserved[worker] = max(least, before + Self.weightOfLatest * (believed - before))
        }
        let total = deserved.reduce(0, +)
        let isFar = parts.indices.contains {
            abs(deserved[$0] / total / parts[$0] - 1) > Self.tolerance
        }
        if isFar { cut() }
    }

    /// The least part of any worker.
    private var least: Double { Self.smallest / Double(parts.count) }

    /// Gives all what they deserve.
    private mutating func cut() {
        let even = 1 / Double(parts.count)
        isEven = deserved.allSatisfy { abs($0 / even - 1) <= Self.tolerance / 2 }
        let total = deserved.reduce(0, +)
        var (sum, begin) = (0.0, 0)
        for worker in parts.indices {
            parts[worker] = isEven ? even : deserved[worker] / total
            sum += parts[worker]
            let end = worker == parts.count - 1 ? WorkCut.whole : Int(sum * Double(WorkCut.whole))
            cuts[worker] = WorkCut(begin: begin, end: max(begin, end))
            begin = cuts[worker].end
        }
    }
}
