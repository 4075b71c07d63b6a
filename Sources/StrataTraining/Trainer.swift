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
    private let work: SharedStep
    // Made once, since making a closure allocates.
    private let perform: (Worker) -> Void
    /// Records where the time of steps goes; nil: nothing does.
    package var profiler: Profiler?

    /// Binds a model to its data.
    package init(
        model: Model, source: any BatchSource, spec: TrainingSpec, seed: UInt64, team: WorkerTeam
    ) throws(ConfigurationError) {
        self.model = model
        self.source = source
        self.team = team
        self.seed = seed
        executor = try model.executor(
            steps: source.steps, batch: source.batch, for: .training,
            updating: spec.optimizer.optimizer.rule)
        var penalties = ParameterUpdate.Penalties()
        penalties.clipNorm = spec.clip.norm
        penalties.clipValue = spec.clip.value
        penalties.l1 = spec.l1
        penalties.l2 = spec.l2
        penalties.weightDecay = spec.weightDecay
        do {
            update = try ParameterUpdate(
                parameters: model.parameters, gradients: executor.gradients,
                rule: spec.optimizer.optimizer.rule, penalties: penalties, kernels: model.kernels)
        } catch {
            throw ConfigurationError(outOfMemory: error)
        }
        let work = SharedStep(
            executor: executor, update: update, rate: spec.optimizer.optimizer.learningRate)
        self.work = work
        perform = { work.execute($0) }
    }

    /// Binds a model to its data, with as many of at most `threads` workers as make it faster.
    package convenience init(
        model: Model, source: any BatchSource, spec: TrainingSpec, seed: UInt64, threads: Int
    ) throws(ConfigurationError) {
        let plan = try model.plan(steps: source.steps, batch: source.batch, for: .training)
        let workers = TrainingCost.team(
            plan: plan, optimizer: spec.optimizer.optimizer, kernels: model.kernels, limit: threads)
        try self.init(
            model: model, source: source, spec: spec, seed: seed, team: WorkerTeam(count: workers))
    }

    /// Workers that share every step.
    package var workers: Int { team.count }

    /// Windows in one pass over the data.
    package var windowsPerEpoch: Int { source.count }

    /// Whether the present pass is at its end.
    package var isAtEndOfEpoch: Bool { position.window >= source.count }

    /// Does one update with the next window.
    ///
    /// - Throws: ``TrainingError``: `.diverged` where the loss or a gradient is not finite, `.data`
    ///   where the window cannot be read; parameters are then as before the step.
    package func step() throws(TrainingError) -> StepReport {
        profiler?.beginStep()
        defer { profiler?.endStep() }
        let isMasked = try readWindow()
        let next = position.step + 1
        let key = RandomKey.derive(seed: seed, purpose: "step", index: UInt64(next))
        executor.begin(.training, randomKey: key, isMasked: isMasked)
        work.number = next
        team.run(recordingTo: profiler?.recording ?? [], kept: perform)
        let report = StepReport(
            loss: executor.meanLoss, gradientNorm: update.gradientNorm,
            rows: executor.countedRows)
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

    /// Writes the next window into the executor; returns whether it is masked.
    private func readWindow() throws(TrainingError) -> Bool {
        guard let profiler else { return try fillNext() }
        return try profiler.span("data") { () throws(TrainingError) in try fillNext() }
    }

    private func fillNext() throws(TrainingError) -> Bool {
        let isMasked: Bool
        do {
            isMasked = try source.fill(position.window, epoch: position.epoch, into: executor)
        } catch {
            throw .data(error)
        }
        if source.startsStream(position.window) { executor.resetStates() }
        return isMasked
    }

    /// Where the time of the recorded steps went; nil where none is recorded.
    package func profile() -> Profile? {
        guard let profiler else { return nil }
        return Profile(
            profiler, plan: executor.plan,
            peak: team.measurePeak(
                executor.kernels, precision: executor.plan.precision.code))
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
        try Evaluator(executor: executor, team: team).meanLoss(over: source, shouldStop: shouldStop)
    }
}
