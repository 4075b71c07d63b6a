import StrataKernels

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
    /// Nanoseconds of the last run that was measured.
    package private(set) var busy = 0.0
    /// Nanoseconds that the worker alone would have needed for all of the work, as far as all had a part in it.
    ///
    /// It does not matter for it how the work was cut, be it by speeds or into parts that cannot be equal.
    package private(set) var whole = 0.0

    package init() {}

    /// Times a run.
    package func measure(_ body: () -> Void) {
        (busy, whole) = (0, 0)
        shares = Shares()
        hasMet = true
        start = Timeline.now()
        body()
        endWork()
    }

    /// Notes what part of some work is the worker's.
    ///
    /// - Parameter part: nil: somebody has nothing of it.
    func take(_ part: Double?) {
        if hasMet { shares = Shares() }
        hasMet = false
        shares.sum += part ?? 0
        shares.count += 1
        if part == nil { shares.areComplete = false }
    }

    /// Waits, which does not count.
    func wait(at barrier: Barrier?) {
        endWork()
        barrier?.wait()
        hasMet = true
        start = Timeline.now()
    }

    private func endWork() {
        let time = Double(Timeline.now() - start)
        busy += time
        if let part = shares.mean, part > 0 { whole += time / part }
    }
}
