import Foundation
package import StrataGraph
package import StrataKernels

/// Threads that run the same code together, each on its share: one program, many data.
///
/// Shares follow the speeds that the workers show (``WorkBalance``).
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
    ///
    /// - Parameter shares: about what each worker does, always, in any unit: a positive number for each; nil:
    ///   shares follow the workers' speeds.
    package init(count wanted: Int, shares: [Double]? = nil) {
        precondition((shares?.count ?? wanted) == wanted, "a team has a share for each worker")
        let wanted = min(max(1, wanted), Self.limit)
        let gate = Gate()
        var started = 1
        while started < wanted {
            let index = started
            guard DetachedThread.start({ gate.enter()?.work(as: index) }) else { break }
            started += 1
        }
        count = started == wanted ? wanted : max(1, started / 2)
        core = Core(count: count, shares: shares?.count == count ? shares : nil)
        gate.open(to: core)
    }

    deinit { core.stop() }

    /// Runs `body` on every worker and returns when all are done.
    ///
    /// - Parameters:
    ///   - timelines: where the workers note what they do, one for each; empty: nowhere.
    ///   - isShared: whether each worker does its share of one work, so that its time tells its speed.
    package func run(
        recordingTo timelines: [Timeline] = [], isShared: Bool = true, _ body: (Worker) -> Void
    ) {
        withoutActuallyEscaping(body) { core.run(timelines, isShared: isShared, $0) }
    }

    /// Runs a body that is kept from run to run, which spares an allocation.
    package func run(recordingTo timelines: [Timeline] = [], kept body: @escaping (Worker) -> Void)
    {
        core.run(timelines, isShared: true, body)
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
    /// Every so many runs tell how fast the workers are: to read clocks at barriers takes time, too.
    private static let observedRuns = 4

    private let count: Int
    private let barrier: Barrier
    private let scratches: [ProductScratch]
    private let clocks: [WorkClock]
    private let adapts: Bool
    // Written by worker 0 only while all others wait at the barrier, which orders the accesses.
    private var body: ((Worker) -> Void)?
    private var timelines: [Timeline] = []
    private var balance: WorkBalance
    private var runs = 0
    private var isObserved = false

    init(count: Int, shares: [Double]?) {
        self.count = count
        barrier = Barrier(workers: count)
        scratches = (0..<count).map { _ in ProductScratch() }
        clocks = (0..<count).map { _ in WorkClock() }
        adapts = shares == nil && count > 1
        balance = shares.map { WorkBalance(parts: $0) } ?? WorkBalance(workers: count)
    }

    func run(_ timelines: [Timeline], isShared: Bool, _ body: @escaping (Worker) -> Void) {
        self.timelines = timelines
        guard count > 1 else { return Kernels.flushingDenormals { body(worker(0)) } }
        self.body = body
        runs &+= 1
        isObserved = adapts && isShared && runs % Self.observedRuns == 0
        barrier.wait()
        let start = Timeline.now()
        perform(body, as: 0)
        barrier.wait()
        self.body = nil
        guard isObserved else { return }
        balance.observe(of: Double(Timeline.now() - start)) { (clocks[$0].busy, clocks[$0].whole) }
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
        perform(body, as: index)
        return true
    }

    private func perform(_ body: (Worker) -> Void, as index: Int) {
        guard isObserved else { return Kernels.flushingDenormals { body(worker(index)) } }
        clocks[index].measure { Kernels.flushingDenormals { body(worker(index)) } }
    }

    private func worker(_ index: Int) -> Worker {
        let timeline = timelines.indices.contains(index) ? timelines[index] : nil
        return Worker(
            index: index, count: count, barrier: barrier, scratch: scratches[index],
            timeline: timeline, clock: isObserved ? clocks[index] : nil, cut: balance.cut(of: index)
        )
    }

    /// Lets the threads leave: they find no work.
    func stop() {
        if count > 1 { barrier.wait() }
    }
}
