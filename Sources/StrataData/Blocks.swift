import Foundation
import Synchronization

/// Work on numbered blocks that all cores share.
enum Blocks {
    /// The results of the blocks in order, whatever thread made them, and the workers' own states.
    ///
    /// Each worker starts with a copy of `state` and takes blocks in ascending order until none is
    /// left, or one has failed, or one is the last that is needed; all before that one are done.
    static func map<State: Sendable, Result: Sendable>(
        _ count: Int, state: State, isLast: @Sendable (Result) -> Bool = { _ in false },
        _ body: @Sendable (inout State, Int) throws(DataError) -> Result
    ) throws(DataError) -> (results: [Result], states: [State]) {
        let shared = Mutex(Shared<State, Result>(count: count))
        let workers = min(count, ProcessInfo.processInfo.activeProcessorCount, 16)
        if workers <= 1 {
            work(shared, state, isLast, body)
        } else {
            DispatchQueue.concurrentPerform(iterations: workers) { _ in
                work(shared, state, isLast, body)
            }
        }
        return try shared.withLock { shared throws(DataError) in
            if let failure = shared.failures.min(by: { $0.block < $1.block }) {
                throw failure.error
            }
            return (shared.results.sorted { $0.block < $1.block }.map(\.result), shared.states)
        }
    }

    private struct Shared<State: Sendable, Result: Sendable>: Sendable {
        let count: Int
        var next = 0
        var isEnded = false
        var results: [(block: Int, result: Result)] = []
        var failures: [(block: Int, error: DataError)] = []
        var states: [State] = []

        init(count: Int) { self.count = count }

        /// The next block, unless no further one is needed.
        mutating func take() -> Int? {
            guard next < count, !isEnded else { return nil }
            defer { next += 1 }
            return next
        }
    }

    private static func work<State: Sendable, Result: Sendable>(
        _ shared: borrowing Mutex<Shared<State, Result>>, _ start: State,
        _ isLast: (Result) -> Bool, _ body: (inout State, Int) throws(DataError) -> Result
    ) {
        var state = start
        while let block = shared.withLock({ $0.take() }) {
            do throws(DataError) {
                let result = try body(&state, block)
                let ends = isLast(result)
                shared.withLock {
                    $0.results.append((block, result))
                    $0.isEnded = $0.isEnded || ends
                }
            } catch {
                shared.withLock {
                    $0.failures.append((block, error))
                    $0.isEnded = true
                }
            }
        }
        let end = state
        shared.withLock { $0.states.append(end) }
    }
}
