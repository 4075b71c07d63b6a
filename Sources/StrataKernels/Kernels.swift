package import CStrataKernels

/// What an activation function is called in the kernels.
package typealias ActivationCode = sk_activation
/// Functions of single values, one after the other.
package typealias ChainArguments = sk_chain
/// What the precision of a product is called in the kernels.
package typealias PrecisionCode = sk_precision
/// What a loss is called in the kernels.
package typealias LossCode = sk_loss
/// What an optimizer is called in the kernels.
package typealias OptimizerCode = sk_optimizer_kind
/// A product with a packed right-hand matrix.
package typealias GemmArguments = sk_gemm
/// One time step of an LSTM layer, forward or backward.
package typealias LSTMStepArguments = sk_lstm_step
/// One step of an optimizer.
package typealias UpdateArguments = sk_update

/// The kernels of one instruction set.
///
/// The methods add Swift ranges to the C functions and nothing else: `strata_kernels.h` defines
/// what they compute. To set the fields of the argument structures, a file imports
/// `CStrataKernels` too.
package struct Kernels: Sendable {
    // A constant table in the program's image: never written, never freed.
    nonisolated(unsafe) let table: UnsafePointer<sk_kernels>

    /// The fastest kernels that this processor runs.
    package static let best = Kernels(table: sk_best_kernels())

    /// All kernels that this processor runs, fastest first.
    package static let all = ["amx", "avx512", "avx2", "neon", "portable"].compactMap(named)

    /// The kernels of a named instruction set, or nil where this build or processor lacks them.
    package static func named(_ name: String) -> Kernels? {
        sk_kernels_named(name).map(Kernels.init(table:))
    }

    /// The instruction set: `amx`, `avx512`, `avx2`, `neon` or `portable`.
    package var name: String { String(cString: table.pointee.name) }

    /// The instruction set that all kernels with the same bits in a precision go by.
    ///
    /// `amx` multiplies numbers in bfloat16 only; in float32 it computes as `avx512` does.
    package func instructionSet(in precision: PrecisionCode) -> String {
        precision == .bfloat16 ? name : String(cString: table.pointee.float32_name)
    }

    /// Floats in one vector.
    package var lanes: Int { table.pointee.lanes }

    /// Whether products of numbers in bfloat16 are faster than those of float32.
    ///
    /// Elsewhere several instructions imitate the one that is missing: correct, but slower than float32.
    package var hasFastBFloat16: Bool { table.pointee.fast_bfloat16 }

    /// How many pairs a product in bfloat16 adds up apart before they join its sum.
    package var pairStep: Int { table.pointee.pair_step }

    /// The largest of any kernels, a multiple of all others.
    package static let largestPairStep = Int(SK_PAIR_STEP)

    /// A multiple of the rows of every tile.
    package static let strip = Int(SK_STRIP)

    /// Columns of a packed panel: four vectors.
    package var panelWidth: Int { 4 * lanes }

    /// How many gate panels hold `units` units.
    package func gatePanels(_ units: Int) -> Int { (units + lanes - 1) / lanes }

    /// How many plain panels hold `columns` columns.
    package func plainPanels(_ columns: Int) -> Int { (columns + panelWidth - 1) / panelWidth }

    /// How many vectors of these panels have columns.
    package func plainVectors(_ columns: Int) -> Int { (columns + lanes - 1) / lanes }

    /// Does work on this thread with denormal numbers taken as zero: they slow processors down.
    package static func flushingDenormals<Result>(_ body: () -> Result) -> Result {
        let before = sk_flush_denormals()
        defer { sk_restore_denormals(before) }
        return body()
    }

    /// The floating-point operations per second of multiply-adds on registers of one core.
    ///
    /// The best of `attempts` runs of about a millisecond, as other work can only slow one down.
    package static func measurePeak(
        _ kernels: Kernels = best, precision: PrecisionCode = .float32, attempts: Int = 20
    ) -> Double {
        let clock = ContinuousClock()
        var best = 0.0
        for _ in 0..<attempts {
            var operations = 0.0
            let time = clock.measure { operations = sk_fma_peak(kernels.table, precision, 100_000) }
            best = max(best, operations / (time / .seconds(1)))
        }
        return best
    }
}

extension PrecisionCode {
    /// Both matrices in float32.
    package static let float32 = SK_FLOAT32
    /// Both matrices in pairs of bfloat16, sums in float32.
    package static let bfloat16 = SK_BFLOAT16
    /// The right-hand matrix in pairs, the one row at the left in float32.
    package static let bfloat16Weights = SK_BFLOAT16_WEIGHTS
    /// The right-hand matrix in bytes with a scale for each column, the one row at the left in float32.
    package static let int8Weights = SK_INT8_WEIGHTS
}

extension ActivationCode {
    /// Whether the derivative is computed from the function's input instead of its output.
    package var needsInput: Bool { sk_activation_needs_input(self) }
}
