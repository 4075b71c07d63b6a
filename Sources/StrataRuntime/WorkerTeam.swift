import Foundation
package import StrataGraph
package import StrataKernels

/// Threads that run the same code together, each on its share: one program, many data.
///
/// The calling thread is worker 0. Between runs the others wait at the barrier, first spinning,
/// then parked. While they run, all take denormal numbers as zero.
package final class WorkerTeam: @unchecked Sendable {
    /// Workers in all, the calling thread included.
    package let count: Int
    private let core: Core

    /// The most workers of a team.
    package static let limit = 1024

    /// Starts threads for a team of `count` workers, or of 1 or ``limit`` where that is outside.
    ///
    /// Where the system refuses a thread, the team has half of those that it allowed, so that
    /// memory is left for the work. Results do not depend on the number.
    package init(count wanted: Int) {
        let wanted = min(max(1, wanted), Self.limit)
        let gate = Gate()
        var started = 1
        while started < wanted {
            let index = started
            guard DetachedThread.start({ gate.enter()?.work(as: index) }) else { break }
            started += 1
        }
        count = started == wanted ? wanted : max(1, started / 2)
        core = Core(count: count)
        gate.open(to: core)
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

/// Where threads wait to learn how many of them the team needs.
private final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    // Only touched while the condition is locked.
    private var core: Core?

    func open(to core: Core) {
        condition.withLock { self.core = core }
        condition.broadcast()
    }

    /// Waits until the gate is open.
    func enter() -> Core? {
        condition.withLock {
            while core == nil { condition.wait() }
            return core
        }
    }
}

/// What the threads share; it outlives the team until the last thread has left.
private final class Core: @unchecked Sendable {
    private let count: Int
    private let barrier: Barrier
    private let scratches: [ProductScratch]
    // Written by worker 0 only while all others wait at the barrier, which orders the accesses.
    private var body: ((Worker) -> Void)?
    private var timelines: [Timeline] = []

    init(count: Int) {
        self.count = count
        barrier = Barrier(workers: count)
        scratches = (0..<count).map { _ in ProductScratch() }
    }

    func run(_ timelines: [Timeline], _ body: @escaping (Worker) -> Void) {
        self.timelines = timelines
        let worker = worker(0)
        guard count > 1 else { return Kernels.flushingDenormals { body(worker) } }
        self.body = body
        barrier.wait()
        Kernels.flushingDenormals { body(worker) }
        barrier.wait()
        self.body = nil
    }

    /// Waits for work until the team ends; at once done where the team has no such worker.
    func work(as index: Int) {
        guard index < count else { return }
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
        Kernels.flushingDenormals { body(worker(index)) }
        return true
    }

    private func worker(_ index: Int) -> Worker {
        let timeline = timelines.indices.contains(index) ? timelines[index] : nil
        return Worker(
            index: index, count: count, barrier: barrier, scratch: scratches[index],
            timeline: timeline)
    }

    /// Lets the threads leave: they find no work.
    func stop() {
        if count > 1 { barrier.wait() }
    }
}
