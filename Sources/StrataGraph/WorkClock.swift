import StrataKernels

/// How long one worker of a team was busy in a run, waiting for the others not counted.
package final class WorkClock: @unchecked Sendable {
    // Safe to share: only its worker writes, and others read while that worker does nothing.
    private var waited: UInt64 = 0
    /// Nanoseconds of the last run that was measured.
    package private(set) var busy: UInt64 = 0

    package init() {}

    /// Times a run.
    package func measure(_ body: () -> Void) {
        waited = 0
        let start = Timeline.now()
        body()
        busy = Timeline.now() - start - waited
    }

    /// Waits, which does not count.
    func wait(at barrier: Barrier?) {
        let start = Timeline.now()
        barrier?.wait()
        waited += Timeline.now() - start
    }
}
