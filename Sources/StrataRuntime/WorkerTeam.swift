import Foundation
package import StrataGraph
import StrataKernels

/// Threads that run the same code together, each on its share: one program, many data.
///
/// The calling thread is worker 0. Between runs the others wait at the barrier, first spinning,
/// then parked.
package final class WorkerTeam: @unchecked Sendable {
    /// Workers in all, the calling thread included.
    package let count: Int
    private let core: Core

    /// Starts `count` - 1 threads.
    package init(count: Int) {
        precondition(count >= 1, "a team needs at least one worker")
        self.count = count
        let core = Core(count: count)
        self.core = core
        for index in 1..<max(count, 1) {
            let thread = Thread { core.work(as: index) }
            thread.name = "strata-worker-\(index)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    deinit { core.stop() }

    /// Runs `body` on every worker and returns when all are done.
    package func run(_ body: (Worker) -> Void) { core.run(body) }
}

/// What the threads share; it outlives the team until the last thread has left.
private final class Core: @unchecked Sendable {
    private let count: Int
    private let barrier: Barrier
    // Written by worker 0 only while all others wait at the barrier, which orders the accesses.
    private var body: ((Worker) -> Void)?

    init(count: Int) {
        self.count = count
        barrier = Barrier(workers: count)
    }

    func run(_ body: (Worker) -> Void) {
        let worker = Worker(index: 0, count: count, barrier: barrier)
        guard count > 1 else { return body(worker) }
        withoutActuallyEscaping(body) { body in
            self.body = body
            barrier.wait()
            body(worker)
            barrier.wait()
            self.body = nil
        }
    }

    func work(as index: Int) {
        let worker = Worker(index: index, count: count, barrier: barrier)
        while true {
            barrier.wait()
            guard perform(as: worker) else { return }
            barrier.wait()
        }
    }

    /// Runs the body once; false where there is none.
    ///
    /// A function of its own, so that no reference to the body is left when the workers meet: the
    /// body lives on worker 0's stack, which then goes on.
    @inline(never)
    private func perform(as worker: Worker) -> Bool {
        guard let body else { return false }
        body(worker)
        return true
    }

    /// Lets the threads leave: they find no work.
    func stop() {
        if count > 1 { barrier.wait() }
    }
}
