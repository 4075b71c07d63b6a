package import StrataGraph
import StrataKernels

/// Predicts how long a training step takes for any number of workers.
///
/// The time of a command is the time of the largest share of it, done alone with the real kernels
/// (``Rehearsal``), times the loss of clock while all compute, plus a measured time for every
/// barrier. Windows too long to rehearse are rehearsed shorter, and commands that go through them
/// are taken to need time in proportion.
package struct CostModel {
    /// What a step is predicted to take.
    package struct Prediction: Sendable {
        /// A command, or work outside of the plan.
        package struct Piece: Sendable {
            package var layer: String
            package var work: String
            package var flops: Int
            /// Seconds, those at barriers included.
            package var seconds: Double
            package var barriers: Double
        }

        package var workers: Int
        package var pieces: [Piece]
        package var seconds: Double
        /// Of these, the seconds at barriers.
        package var barrierSeconds: Double

        package init(workers: Int, pieces: [Piece], seconds: Double, barrierSeconds: Double) {
            self.workers = workers
            self.pieces = pieces
            self.seconds = seconds
            self.barrierSeconds = barrierSeconds
        }
    }

    private let plan: ExecutionPlan
    private let rates: MachineRates
    private let rehearsal: Rehearsal
    private let timeline: Timeline
    private let stretch: Double
    private let budget: Double

    /// A model of steps of a plan.
    ///
    /// - Parameters:
    ///   - rehearsal: of the same plan, or of one with shorter windows.
    ///   - stretch: how many times the rehearsed window fits into the plan's.
    ///   - budget: seconds to spend for each number of workers, and more where a step takes more.
    package init(
        plan: ExecutionPlan, rates: MachineRates, rehearsal: Rehearsal, stretch: Double,
        budget: Double
    ) {
        self.plan = plan
        self.rates = rates
        self.rehearsal = rehearsal
        self.stretch = stretch
        self.budget = budget
        timeline = Timeline(capacity: 1 << 18)
    }

    /// The prediction for a number of workers, also for one that this machine has not.
    package func prediction(workers: Int) -> Prediction {
        let barrier = rates.barrierSeconds(workers)
        let slowdown = rates.slowdown(workers)
        var prediction = Prediction(workers: workers, pieces: [], seconds: 0, barrierSeconds: 0)
        for piece in rehearsal.pieces(workers: workers, budget: budget, timeline: timeline) {
            var named = named(piece.kind)
            let stretch = goesThroughWindow(piece.kind) ? stretch : 1
            named.barriers = Double(piece.barriersWithin) * stretch + Double(piece.barriersBehind)
            named.seconds = piece.seconds * slowdown * stretch + named.barriers * barrier
            prediction.pieces.append(named)
        }
        // The team meets before and behind a step, too.
        let barriers = prediction.pieces.reduce(2) { $0 + $1.barriers }
        prediction.barrierSeconds = barriers * barrier
        prediction.seconds = prediction.pieces.reduce(2 * barrier) { $0 + $1.seconds }
        return prediction
    }

    /// Numbers of workers worth considering: powers of two, and the limit.
    package static func candidates(upTo limit: Int) -> [Int] {
        var candidates = [1]
        while let last = candidates.last, last < limit { candidates.append(min(limit, 2 * last)) }
        return candidates
    }

    /// The fewest workers with which a step is about as fast as it can be; nil for none.
    package static func choice(among predictions: [Prediction]) -> Prediction? {
        guard let best = predictions.map(\.seconds).min() else { return nil }
        // Another worker for less than this is better left to others.
        return predictions.first { $0.seconds <= 1.03 * best }
    }

    private func goesThroughWindow(_ kind: Timeline.Event.Kind) -> Bool {
        guard case .command(let index) = kind else { return false }
        return [.forward, .loss, .backward].contains(plan.commands[index].phase)
    }

    private func named(_ kind: Timeline.Event.Kind) -> Prediction.Piece {
        var piece = Prediction.Piece(layer: "", work: "", flops: 0, seconds: 0, barriers: 0)
        switch kind {
        case .command(let index):
            let names = plan.names(of: plan.commands[index].operation)
            (piece.work, piece.layer) = (names.verb, names.layer ?? "")
            piece.flops = plan.flops(of: plan.commands[index]).total
        case .span(let name): piece.work = "\(name)"
        case .phase, .barrier: break
        }
        return piece
    }
}
