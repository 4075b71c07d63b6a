import CStrataKernels
package import StrataGraph
package import StrataKernels
package import StrataRuntime

/// Clips the gradients and moves the parameters: two passes over the flat buffers by all workers.
package final class ParameterUpdate: @unchecked Sendable {
    /// What acts on the gradients besides the optimizer.
    package struct Penalties: Hashable, Sendable {
        package var clipNorm: Double?
        package var clipValue: Double?
        package var l1 = 0.0
        package var l2 = 0.0
        package var weightDecay = 0.0
        package init() {}
    }

    /// Numbers of one piece: fixed, so that sums over pieces do not depend on the team.
    private static let pieceSize = 8192

    private struct Piece {
        var range: Range<Int>
        var decays: Bool
    }

    /// Closed while a checkpoint is written from the parameters and moments.
    package let gate = UpdateGate()
    package let firstMoment: Arena?
    package let secondMoment: Arena?
    private let parameters: ParameterStore
    private let gradients: Arena
    private let rule: UpdateRule
    private let penalties: Penalties
    private let kernels: Kernels
    private let pieces: [Piece]
    private let squares: UnsafeMutableBufferPointer<Double>
    /// The norm of all gradients in the last update, before clipping.
    package private(set) var gradientNorm = 0.0

    /// Allocates the optimizer's state, all zero.
    ///
    /// - Parameter gradients: as many as there are parameters, in the same order.
    package init(
        parameters: ParameterStore, gradients: Arena, rule: UpdateRule, penalties: Penalties,
        kernels: Kernels
    ) throws(RuntimeError) {
        precondition(gradients.count == parameters.count, "each parameter has a gradient")
        self.parameters = parameters
        self.gradients = gradients
        self.rule = rule
        self.penalties = penalties
        self.kernels = kernels
        firstMoment = rule.keepsFirstMoment ? try Arena(count: parameters.count) : nil
        secondMoment = rule.keepsSecondMoment ? try Arena(count: parameters.count) : nil
        pieces = Self.pieces(of: parameters)
        squares = .allocate(capacity: max(1, pieces.count))
        squares.initialize(repeating: 0)
    }

    deinit { squares.deallocate() }

    private static func pieces(of parameters: ParameterStore) -> [Piece] {
        parameters.entries.flatMap { entry in
            stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: pieceSize).map {
                Piece(
                    range: $0..<min($0 + pieceSize, entry.range.upperBound),
                    decays: entry.spec.decays)
            }
        }
    }

    /// Updates all parameters as one worker; all workers of the team call this together, after
    /// the gradients are complete.
    ///
    /// Gradients that are not finite leave the parameters alone.
    ///
    /// - Parameters:
    ///   - step: the number of this update, from 1.
    ///   - rate: the step size.
    package func execute(_ worker: Worker, step: Int, rate: Double) {
        let mine = worker.share(of: pieces.count)
        let (w, g) = (parameters.values.base, gradients.base)
        for index in mine {
            let range = pieces[index].range
            squares[index] = kernels.sumOfSquares(g + range.lowerBound, count: range.count)
        }
        worker.barrier()
        // Every worker adds the same numbers in the same order.
        let norm = squares.prefix(pieces.count).reduce(0, +).squareRoot()
        if worker.index == 0 { gradientNorm = norm }
        guard norm.isFinite else { return }
        gate.wait()
        var update = arguments(step: step, rate: rate)
        update.scale = Float(penalties.clipNorm.map { norm > $0 ? $0 / norm : 1 } ?? 1)
        for index in mine {
            let (start, count) = (pieces[index].range.lowerBound, pieces[index].range.count)
            let decays = pieces[index].decays
            update.l1 = decays ? Float(penalties.l1) : 0
            update.l2 = decays ? Float(penalties.l2) : 0
            update.decay = decays ? Float(penalties.weightDecay + rule.weightDecay) : 0
            kernels.update(
                update, parameters: w + start, gradients: g + start,
                momenta: firstMoment.map { $0.base + start },
                squares: secondMoment.map { $0.base + start }, count: count)
        }
    }

    private func arguments(step: Int, rate: Double) -> UpdateArguments {
        var update = UpdateArguments()
        update.kind = sk_optimizer_kind(rule.kind.rawValue)
        update.rate = Float(rate)
        update.clip = Float(penalties.clipValue ?? 0)
        update.momentum = Float(rule.momentum)
        update.beta1 = Float(rule.beta1)
        update.beta2 = Float(rule.beta2)
        update.rest1 = Float(1 - rule.beta1)
        update.rest2 = Float(1 - rule.beta2)
        update.epsilon = Float(rule.epsilon)
        update.correction1 = Float(1 - power(rule.beta1, step))
        update.correction2 = Float(1 - power(rule.beta2, step))
        return update
    }

    /// b to the n by squaring: the same bits on every system, unlike the C library's `pow`.
    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, n) = (1.0, base, exponent)
        while n > 0 {
            if n & 1 == 1 { result *= factor }
            factor *= factor
            n >>= 1
        }
        return result
    }
}
