import Foundation
import StrataKernels
import Testing

/// Counters that only the barrier protects.
private final class Counters: @unchecked Sendable {
    // Memory that is made once: an array's own bookkeeping would be written by all workers.
    let values: UnsafeMutableBufferPointer<Int>
    var torn = 0
    let barrier: Barrier

    init(workers: Int) {
        values = .allocate(capacity: workers)
        values.initialize(repeating: 0)
        barrier = Barrier(workers: workers)
    }

    deinit { values.deallocate() }
}

@Suite struct BarrierTests {
    @Test func aTeamOfOneNeverWaits() {
        let barrier = Barrier(workers: 1)
        for _ in 0..<1000 { barrier.wait() }
    }

    /// Five workers are more than the cores of a small machine, so that some have to park.
    @Test(arguments: [2, 3, 5])
    func workersSeeWhatOthersWroteBeforeTheBarrier(_ workers: Int) async {
        let rounds = 300
        let counters = Counters(workers: workers)
        let finished = DispatchSemaphore(value: 0)
        for worker in 0..<workers {
            Thread.detachNewThread {
                for round in 1...rounds {
                    counters.values[worker] = round
                    counters.barrier.wait()
                    if worker == 0, counters.values.contains(where: { $0 != round }) {
                        counters.torn += 1
                    }
                    counters.barrier.wait()
                }
                finished.signal()
            }
        }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                for _ in 0..<workers { finished.wait() }
                continuation.resume()
            }
        }
        #expect(counters.torn == 0)
        #expect(counters.values.allSatisfy { $0 == rounds })
    }

    /// A worker that comes late finds the others parked and wakes them.
    @Test func aLateWorkerWakesTheOthers() async {
        let barrier = Barrier(workers: 2)
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                for _ in 0..<5 { barrier.wait() }
                continuation.resume()
            }
            Thread.detachNewThread {
                for _ in 0..<5 {
                    Thread.sleep(forTimeInterval: 0.005)
                    barrier.wait()
                }
            }
        }
    }
}
