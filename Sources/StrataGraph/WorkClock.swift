package import StrataKernels

/// How fast one worker of a team was in a run, waiting for the others not counted.
package final class WorkClock: @unchecked Sendable {
    /// The parts of some works that a worker took one after the other, before it met the others.
    private struct Shares {
        var sum = 0.0
        var count = 0
        /// Whether every worker had a part of each.
        var areComplete = true

        /// Their mean; nil where a worker had nothing of one, which is then in the times of others only.
        var mean: Double? { areComplete && count > 0 ? sum / Double(count) : nil }
    }

    // Safe to share: only its worker writes, and others read while that worker does nothing.
    private var start: UInt64 = 0
    private var shares = Shares()
    private var hasMet = true
    private var counted = 0.0
    private let now: @Sendable () -> UInt64
    /// Nanoseconds of the last run that was measured.
    package private(set) var busy = 0.0
    /// Nanoseconds that the worker alone would have needed for all of the work, as far as all had a part in it; 0 where
    /// that was less than half of what the worker did.
    ///
    /// So it follows from a worker's speed and not from how the work was cut, by speeds or into parts that cannot be equal.
    package private(set) var whole = 0.0

    /// - Parameter now: tells the time in nanoseconds.
    package init(now: @escaping @Sendable () -> UInt64 = Timeline.now) { self.now = now }

    /// Times a run.
    package func measure(_ body: () -> Void) {
        (busy, whole, counted) = (0, 0, 0)
        shares = Shares()
        hasMet = true
        start = now()
        body()
        endWork()
        if counted < busy / 2 { whole = 0 }
    }

    /// Notes what part of some work is the worker's.
    ///
    /// - Parameter part: nil: somebody has nothing of it.
    package func take(_ part: Double?) {
        if hasMet { shares = Shares() }
        hasMet = false
        shares.sum += part ?? 0
        shares.count += 1
        if part == nil { shares.areComplete = false }
    }

    /// Waits, which does not count.
    package func wait(at barrier: Barrier?) {
        endWork()
        barrier?.wait()
        hasMet = true
        start = now()
    }

    private func endWork() {
        let time = Double(now() - start)
        busy += time
        guard let part = shares.mean, part > 0 else { return }
        counted += time
        whole += time / part
    }
}
