import Foundation
package import StrataGraph
package import StrataKernels

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
    ///
    /// - Parameter timelines: where the workers note what they do, one for each; empty: nowhere.
    package func run(recordingTo timelines: [Timeline] = [], _ body: (Worker) -> Void) {
        withoutActuallyEscaping(body) { core.run(timelines, $0) }
    }

    /// Runs a body that is kept from run to run, which spares an allocation.
    package func run(recordingTo timelines: [Timeline] = [], kept body: @escaping (Worker) -> Void)
    {
        core.run(timelines, body)
    }
}

/// What the threads share; it outlives the team until the last thread has left.
private final class Core: @unchecked Sendable {
    private let count: Int
    private let barrier: Barrier
    // Written by worker 0 only while all others wait at the barrier, which orders the accesses.
    private var body: ((Worker) -> Void)?
    private var timelines: [Timeline] = []

    init(count: Int) {
        self.count = count
        barrier = Barrier(workers: count)
    }

    func run(_ timelines: [Timeline], _ body: @escaping (Worker) -> Void) {
        self.timelines = timelines
        let worker = worker(0)
        guard count > 1 else { return body(worker) }
        self.body = body
        barrier.wait()
        body(worker)
        barrier.wait()
        self.body = nil
    }

    func work(as index: Int) {
        while true {
            barrier.wait()
            guard perform(as: index) else { return }
            barrier.wait()
        }
    }

    /// Runs the body once; false where there is none.
    ///
    /// A function of its own, so that no reference to the body is left when the workers meet: the
    /// body lives on worker 0's stack, which then goes on.
    @inline(never)
    private func perform(as index: Int) -> Bool {
        guard let body else { return false }
        body(worker(index))
        return true
    }

    private func worker(_ index: Int) -> Worker {
        let timeline = timelines.indices.contains(index) ? timelines[index] : nil
        return Worker(index: index, count: count, barrier: barrier, timeline: timeline)
    }

    /// Lets the threads leave: they find no work.
    func stop() {
        if count > 1 { barrier.wait() }
    }
}
