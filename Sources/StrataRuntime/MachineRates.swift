import StrataGraph
package import StrataKernels
import Synchronization

/// What this machine's workers reach, measured once in a process: a few hundredths of a second.
package struct MachineRates: Sendable {
    /// Multiply-adds of one worker while `workers` of them compute, and a meeting of all of them.
    package struct Point: Sendable {
        package var workers: Int
        /// Floating-point operations per second of one worker, in float32.
        package var peak: Double
        /// Seconds of a barrier with what follows from it: that workers then read what others wrote.
        package var barrier: Double

        package init(workers: Int, peak: Double, barrier: Double) {
            self.workers = workers
            self.peak = peak
            self.barrier = barrier
        }
    }

    /// By number of workers, from 1 to the cores of this machine.
    package let points: [Point]

    package init(points: [Point]) { self.points = points }

    /// The cores of this machine.
    package var cores: Int { points.last?.workers ?? 1 }

    /// Seconds of a barrier of `workers`.
    ///
    /// Between measured numbers on a line; beyond them in proportion to the workers, since each one
    /// writes to the same cache line, one after the other.
    package func barrierSeconds(_ workers: Int) -> Double {
        guard workers > 1, let last = points.last else { return 0 }
        guard last.workers > 1 else { return Self.unmeasuredBarrier * Double(workers) / 2 }
        guard workers < last.workers else {
            return last.barrier * Double(workers) / Double(last.workers)
        }
        var before = Point(workers: 1, peak: 0, barrier: 0)
        for point in points {
            if point.workers >= workers {
                let part = Double(workers - before.workers) / Double(point.workers - before.workers)
                return before.barrier + part * (point.barrier - before.barrier)
            }
            before = point
        }
        return last.barrier
    }

    /// A barrier of two workers where there is no second core to measure it on.
    private static let unmeasuredBarrier = 3e-7

    /// How much longer one worker needs for the same work while `workers` of them compute: all
    /// cores together run at a lower clock.
    package func slowdown(_ workers: Int) -> Double {
        guard let alone = points.first, let near = points.last(where: { $0.workers <= workers })
        else { return 1 }
        return max(1, alone.peak / near.peak)
    }

    /// The rates of these kernels on this machine.
    package static func measured(_ kernels: Kernels, cores: Int) -> MachineRates {
        known.withLock { known in
            if let rates = known[kernels.name] { return rates }
            var counts = [1]
            while let last = counts.last, last < cores { counts.append(min(2 * last, cores)) }
            let rates = MachineRates(points: counts.map { point(kernels, workers: $0) })
            known[kernels.name] = rates
            return rates
        }
    }

    private static let known = Mutex<[String: MachineRates]>([:])

    private static func point(_ kernels: Kernels, workers: Int) -> Point {
        let team = WorkerTeam(count: workers)
        return Point(
            workers: workers, peak: team.measurePeak(kernels) / Double(workers),
            barrier: workers == 1 ? 0 : barrierSeconds(team, kernels))
    }

    /// The shortest time of a meeting in several runs, as other work of the machine only adds to it.
    private static func barrierSeconds(_ team: WorkerTeam, _ kernels: Kernels) -> Double {
        // Each writes a few lines for its neighbour to read, in turns on two sides.
        let (meetings, count) = (100, 64)
        guard let lines = try? Arena(count: 2 * team.count * count) else { return 0 }
        var best = UInt64.max
        // Many short runs, so that some are not disturbed.
        for _ in 0..<100 {
            let start = Timeline.now()
            team.run(isShared: false) { worker in
                let (mine, next) = (worker.index * count, (worker.index + 1) % team.count * count)
                for meeting in 0..<meetings {
                    let (here, there) = (meeting % 2, (meeting + 1) % 2)
                    kernels.add(
                        lines.base + here * team.count * count + mine,
                        lines.base + there * team.count * count + next, count: count)
                    worker.barrier()
                }
            }
            best = min(best, Timeline.now() - start)
        }
        return Double(best) / 1e9 / Double(meetings)
    }
}
