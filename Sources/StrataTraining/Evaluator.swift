package import StrataGraph
import StrataRuntime
package import StrataSchema

/// Measures the mean loss of a model on windows of data, without changing anything.
package final class Evaluator {
    private let executor: Executor
    private let team: WorkerTeam

    /// Makes an executor for the windows of a source.
    ///
    /// - Parameter weights: how weights are read; nil: as they were trained.
    package convenience init(
        model: Model, source: any BatchSource, threads: Int, weights: WeightPrecision? = nil
    ) throws(ConfigurationError) {
        let executor = try model.executor(
            steps: source.steps, batch: source.batch, for: .evaluation, weights: weights)
        self.init(executor: executor, team: WorkerTeam(count: threads))
    }

    /// Takes an executor that is there; a trainer's own serves without further memory.
    init(executor: Executor, team: WorkerTeam) {
        self.executor = executor
        self.team = team
    }

    /// The mean loss over all windows; nil for no windows, or where nothing counts.
    ///
    /// - Parameter shouldStop: asked before every window; true ends the evaluation without a
    ///   result.
    /// - Throws: ``TrainingError`` `.data` where a window cannot be read.
    package func meanLoss(
        over source: any BatchSource, shouldStop: () -> Bool = { false }
    ) throws(TrainingError) -> Double? {
        guard source.count > 0 else { return nil }
        precondition(
            source.steps == executor.plan.steps && source.batch == executor.plan.batch,
            "an evaluation uses the windows of its executor")
        let states = executor.states()
        defer {
            do { try executor.setStates(states) } catch {
                preconditionFailure("an executor takes its own states: \(error)")
            }
        }
        var (sum, rows) = (0.0, 0)
        for window in 0..<source.count {
            if shouldStop() { return nil }
            let counted = try run(window, of: source)
            sum += executor.meanLoss * Double(counted)
            rows += counted
        }
        return rows == 0 ? nil : sum / Double(rows)
    }

    /// Computes the loss of one window; returns how many rows count.
    private func run(
        _ window: Int, of source: any BatchSource
    ) throws(TrainingError) -> Int {
        if source.startsStream(window) { executor.resetStates() }
        let isMasked: Bool
        do { isMasked = try source.fill(window, epoch: 0, into: executor) } catch {
            throw .data(error)
        }
        executor.begin(.evaluation, isMasked: isMasked)
        let executor = executor
        team.run { executor.execute($0) }
        return executor.countedRows
    }
}
