import StrataGraph
package import StrataKernels

extension WorkerTeam {
    /// The floating-point operations per second of independent multiply-adds on all workers at
    /// once: what no product can pass.
    ///
    /// - Parameter attempts: of about a millisecond, of which the best counts.
    package func measurePeak(
        _ kernels: Kernels, precision: PrecisionCode = .float32, attempts: Int = 20
    ) -> Double {
        let rates = Rates(count: count)
        run(isShared: false) { worker in
            worker.barrier()
            rates.set(
                worker.index,
                Kernels.measurePeak(kernels, precision: precision, attempts: attempts))
        }
        return rates.sum
    }
}

/// One number for each worker; each writes only its own.
private final class Rates: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Double>

    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }

    func set(_ index: Int, _ value: Double) { values[index] = value }
    var sum: Double { values.reduce(0, +) }
}
