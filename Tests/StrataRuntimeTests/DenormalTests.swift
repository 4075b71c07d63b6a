import StrataGraph
import StrataKernels
import StrataRuntime
import Synchronization
import Testing

/// Denormal numbers slow some processors down a hundredfold, and instructions for bfloat16 take them as zero.
struct DenormalTests {
    /// A number that is denormal unless such numbers count as zero; not known before it is computed.
    @inline(never)
    private static func half(of number: Float) -> Float { number * 0.5 }

    @Test(arguments: 1...4)
    func workersTakeDenormalNumbersAsZero(count: Int) {
        let smallest = Float.leastNormalMagnitude
        let team = WorkerTeam(count: count)
        for _ in 0..<2 {
            let denormal = Mutex<[Int]>([])
            team.run { worker in
                if Self.half(of: smallest) != 0 { denormal.withLock { $0.append(worker.index) } }
            }
            #expect(denormal.withLock { $0 } == [])
            // The caller's thread is as it was.
            #expect(Self.half(of: smallest) == smallest / 2)
        }
    }
}
