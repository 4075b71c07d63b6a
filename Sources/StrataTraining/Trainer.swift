import StrataGraph
package import StrataRuntime
package import StrataSchema

/// Trains a model on windows of data, step by step; where it stands is ``position``.
///
/// All work is deterministic: the same model, data and position give the same bits, whatever the
/// number of workers.
package final class Trainer {
    /// Where training stands.
    package struct Position: Hashable, Sendable {
        /// Updates done.
        package var step = 0
        /// Passes over the data finished.
        package var epoch = 0
        /// Windows done in the present pass.
        package var window = 0
        /// The losses of the present pass so far, added up over rows, and those rows.
        package var lossSum = 0.0
        package var rowCount = 0
        package init() {}
    }

    /// What one update did.
    package struct StepReport: Sendable {
        package var loss: Double
        package var gradientNorm: Double
        package var rows: Int
    }

    package let model: Model
    package let executor: Executor
    package let update: ParameterUpdate
    package private(set) var position = Position()
    private let team: WorkerTeam
    private let source: any BatchSource
    private let seed: UInt64
    private let rate: Double

    /// Binds a model to its data.
    package init(
        model: Model, source: any BatchSource, spec: TrainingSpec, seed: UInt64, team: WorkerTeam
    ) throws(ConfigurationError) {
        self.model = model
        self.source = source
        self.team = team
        self.seed = seed
        rate = spec.optimizer.optimizer.learningRate
        executor = try model.executor(steps: source.steps, batch: source.batch, trains: true)
        var penalties = ParameterUpdate.Penalties()
        penalties.clipNorm = spec.clip.norm
        penalties.clipValue = spec.clip.value
        penalties.l1 = spec.l1
        penalties.l2 = spec.l2
        penalties.weightDecay = spec.weightDecay
        do {
            update = try ParameterUpdate(
                parameters: model.parameters, rule: spec.optimizer.optimizer.rule,
                penalties: penalties, kernels: model.kernels)
        } catch {
            throw ConfigurationError([Diagnostic(.limit, error.message, at: nil, hint: error.hint)])
        }
    }

    /// Windows in one pass over the data.
    package var windowsPerEpoch: Int { source.count }

    /// Whether the present pass is at its end.
    package var isAtEndOfEpoch: Bool { position.window >= source.count }

    /// Does one update with the next window.
    ///
    /// - Throws: ``TrainingError``: `.diverged` where the loss or a gradient is not finite, `.data`
    ///   where the window cannot be read; parameters are then as before the step.
    package func step() throws(TrainingError) -> StepReport {
        let isMasked = try fill(position.window, of: source, epoch: position.epoch)
        if source.startsStream(position.window) { executor.resetStates() }
        let next = position.step + 1
        let key = RandomKey.derive(seed: seed, purpose: "step", index: UInt64(next))
        executor.begin(.training, randomKey: key, isMasked: isMasked)
        let (executor, update, rate) = (executor, update, rate)
        team.run { worker in
            executor.execute(worker)
            worker.barrier()
            update.execute(worker, step: next, rate: rate)
        }
        let report = StepReport(
            loss: executor.meanLoss, gradientNorm: update.gradientNorm,
            rows: executor.losses.values.first?.countedRows ?? 0)
        guard report.loss.isFinite, report.gradientNorm.isFinite else {
            throw TrainingError.diverged(
                step: next, loss: report.loss, place: executor.firstNonFinite())
        }
        model.parameters.markChanged()
        position.step = next
        position.window += 1
        position.lossSum += report.loss * Double(report.rows)
        position.rowCount += report.rows
        return report
    }

    private func fill(
        _ window: Int, of source: any BatchSource, epoch: Int
    ) throws(TrainingError) -> Bool {
        do { return try source.fill(window, epoch: epoch, into: executor) } catch {
            throw .data(error)
        }
    }

    /// The mean loss of the present pass so far.
    package var meanLoss: Double {
        position.rowCount == 0 ? 0 : position.lossSum / Double(position.rowCount)
    }

    /// Ends the present pass and starts the next; returns the mean loss of the one that ended.
    @discardableResult
    package func finishEpoch() -> Double {
        let mean = meanLoss
        position.epoch += 1
        position.window = 0
        position.lossSum = 0
        position.rowCount = 0
        return mean
    }

    /// Goes on from a position; parameters, moments and states are put back by the caller.
    package func resume(at position: Position) { self.position = position }

    /// The mean loss over all windows of a source, without changing anything; nil for no windows.
    ///
    /// - Parameter shouldStop: asked before every window; true ends the evaluation without a
    ///   result.
    /// - Throws: ``TrainingError`` `.data` where a window cannot be read.
    package func evaluate(_ source: any BatchSource, shouldStop: () -> Bool = { false })
        throws(TrainingError) -> Double?
    {
        guard source.count > 0 else { return nil }
        precondition(
            source.steps == executor.plan.steps && source.batch == executor.plan.batch,
            "evaluation uses the windows of training")
        let states = executor.states()
        defer {
            do { try executor.setStates(states) } catch {
                preconditionFailure("an executor takes its own states: \(error)")
            }
        }
        var (sum, rows) = (0.0, 0)
        var isStopped = false
        for window in 0..<source.count {
            isStopped = shouldStop()
            if isStopped { break }
            if source.startsStream(window) { executor.resetStates() }
            let isMasked = try fill(window, of: source, epoch: 0)
            executor.begin(.evaluation, isMasked: isMasked)
            let executor = executor
            team.run { executor.execute($0) }
            let counted = executor.losses.values.first?.countedRows ?? 0
            sum += executor.meanLoss * Double(counted)
            rows += counted
        }
        return rows == 0 || isStopped ? nil : sum / Double(rows)
    }
}
