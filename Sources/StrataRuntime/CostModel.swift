package import StrataGraph
import StrataKernels
import Synchronization

/// Predicts how long a training step takes for any number of workers.
///
/// The time of a command is the time of the largest share of it, done alone with the real kernels
/// (``Rehearsal``), times the loss of clock while all compute, plus a measured time for every
/// barrier. That leaves out what workers do to each other through caches and memory; a real team of
/// as many workers, or of as many as there are cores, tells how much longer the whole takes. Windows too long to rehearse are rehearsed shorter: commands that go through them are
/// taken to need time in proportion, and as many barriers more as there are steps more, for each
/// barrier that they have at every step.
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
    private let budget: Double
    private let contention = Contention()

    /// A model of steps of a plan.
    ///
    /// - Parameters:
    ///   - rehearsal: of the same plan, or of one with shorter windows.
    ///   - budget: seconds to spend for each number of workers, and more where a step takes more.
    package init(
        plan: ExecutionPlan, rates: MachineRates, rehearsal: Rehearsal, budget: Double
    ) {
        self.plan = plan
        self.rates = rates
        self.rehearsal = rehearsal
        self.budget = budget
        timeline = Timeline(capacity: 1 << 18)
    }

    /// The prediction for a number of workers, also for one that this machine has not.
    package func prediction(workers: Int) -> Prediction {
        let barrier = rates.barrierSeconds(workers)
        let slowdown = rates.slowdown(workers)
        let pieces = rehearse(workers)
        let contention = contention(workers, pieces)
        var prediction = Prediction(workers: workers, pieces: [], seconds: 0, barrierSeconds: 0)
        for piece in pieces {
            var named = named(piece.kind)
            let stretch = goesThroughWindow(piece.kind) ? stretch : 1
            named.barriers = Double(barriersWithin(piece) + piece.barriersBehind)
            let alone = piece.seconds * slowdown * stretch + named.barriers * barrier
            named.seconds = alone * contention
            prediction.pieces.append(named)
        }
        // The team meets before and behind a step, too.
        let barriers = prediction.pieces.reduce(2) { $0 + $1.barriers }
        prediction.barrierSeconds = barriers * barrier * contention
        prediction.seconds = prediction.pieces.reduce(2 * barrier * contention) { $0 + $1.seconds }
        return prediction
    }

    private func rehearse(_ workers: Int) -> [Rehearsal.Piece] {
        rehearsal.pieces(workers: workers, budget: budget, timeline: timeline)
    }

    /// How many times as long as predicted without it a step takes a team that shares caches and
    /// memory; for more workers than cores, what it is with all cores.
    private func contention(_ workers: Int, _ pieces: [Rehearsal.Piece]) -> Double {
        let shared = min(workers, rates.cores)
        guard shared > 1 else { return 1 }
        return contention.factor(shared) {
            let team = WorkerTeam(count: shared)
            guard team.count == shared else { return 1 }
            let (barrier, slowdown) = (rates.barrierSeconds(shared), rates.slowdown(shared))
            // The rehearsed window as it is.
            let alone = (shared == workers ? pieces : rehearse(shared)).reduce(2 * barrier) {
                let barriers = Double($1.barriersWithin + $1.barriersBehind)
                return $0 + $1.seconds * slowdown + barriers * barrier
            }
            return rehearsal.seconds(of: team, budget: budget) / alone
        }
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

    /// How many times the rehearsed window fits into the plan's.
    private var stretch: Double { Double(plan.steps) / Double(rehearsal.plan.steps) }

    /// The barriers that a rehearsed piece has within it in the plan's own window.
    private func barriersWithin(_ piece: Rehearsal.Piece) -> Int {
        guard case .command(let index) = piece.kind, piece.barriersWithin > 0 else {
            return piece.barriersWithin
        }
        switch plan.commands[index].operation {
        case .forward, .backward:
            // Those at every step are as many as all steps have alike; the rest is there once.
            let everyStep = piece.barriersWithin / rehearsal.plan.steps
            return piece.barriersWithin + everyStep * (plan.steps - rehearsal.plan.steps)
        case .loss(let node):
            // Blocks of rows are gone through alike, and there is one barrier less than that.
            let blocks = rehearsal.plan.blocks(ofNode: node).count
            return (piece.barriersWithin + 1) / blocks * plan.blocks(ofNode: node).count - 1
        default: return piece.barriersWithin
        }
    }

    private func goesThroughWindow(_ kind: Timeline.Event.Kind) -> Bool {
        guard case .command(let index) = kind else { return false }
        return [.forward, .loss, .backward].contains(plan.commands[index].phase)
    }

    private func named(_ kind: Timeline.Event.Kind) -> Prediction.Piece {
        var piece = Prediction.Piece(layer: "", work: "", flops: 0, seconds: 0, barriers: 0)
        switch kind {
        case .command(let index):
            let operation = plan.commands[index].operation
            piece.work = plan.names(of: operation).verb
            piece.layer = plan.label(of: operation) ?? ""
            piece.flops = plan.flops(of: plan.commands[index]).total
        case .span(let name): piece.work = "\(name)"
        case .phase, .barrier: break
        }
        return piece
    }
}

/// What a model has measured of teams, by their number of workers.
private final class Contention: Sendable {
    private let known = Mutex<[Int: Double]>([:])

    func factor(_ workers: Int, measure: () -> Double) -> Double {
        if let factor = known.withLock({ $0[workers] }) { return factor }
        let factor = measure()
        known.withLock { $0[workers] = factor }
        return factor
    }
}
