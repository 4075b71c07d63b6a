public import Logging
public import StrataData
public import StrataFormats
import StrataGraph
import StrataKernels
package import StrataRuntime
public import StrataSchema

/// Trains what a spec describes and keeps it in a run folder: metrics, checkpoints, samples.
///
/// The same spec on the same folder goes on where the last run stopped, to the same bits.
public final class TrainingRun {
    /// How a run is carried out; only the kernels change the result, in its last bits.
    public struct Options: Sendable {
        /// Workers, at least 1.
        public var threads = 1
        /// Whether to start over, removing what an earlier run produced.
        public var isFresh = false
        /// Whether texts are generated at the ends of passes and of the run.
        public var samples = true
        /// The kernels' instruction set: `avx512`, `avx2`, `neon` or `portable`; nil: the best.
        ///
        /// Bits depend on it, so a run that is to go on elsewhere needs one that is had there too.
        public var kernels: String?
        /// Takes what is worth knowing and no event tells; nil: nothing does.
        public var logger: Logger?

        /// Creates the defaults.
        public init() {}
    }

    private let spec: ModelSpec
    private let data: TokenDataset
    private let folder: RunFolder
    private let options: Options
    private let renderedSpec: String
    private let trainer: Trainer
    private let model: Model
    private let validation: TokenWindows
    private var progress = Snapshot.Progress()
    private var lastLoss = 0.0

    /// Compiles the network for the data and allocates everything.
    ///
    /// - Parameter render: writes the spec as YAML text, which is kept in the folder.
    /// - Throws: ``TrainingError`` where the spec does not suit the data.
    public init(
        spec: ModelSpec, data: TokenDataset, folder: RunFolder, render: (ModelSpec) -> String,
        options: Options, texts: SourceTexts = SourceTexts()
    ) throws(TrainingError) {
        // The folder's copies must mean the same from any working folder.
        self.spec = spec.resolvingPaths()
        self.data = data
        self.folder = folder
        self.options = options
        renderedSpec = render(self.spec)
        do {
            try RunCheck.windows(spec.training, sequenceLength: data.sequenceLength)
            let source = data.windows(data.train, spec.training, isWhole: false)
            validation = data.windows(data.validation, spec.training, isWhole: true)
            model = try Model(
                network: spec.network, input: source.input, target: source.target,
                seed: spec.seed, kernels: try Self.kernels(named: options.kernels), texts: texts)
            if options.samples {
                try RunCheck.sample(spec, graph: model.graph, vocabulary: data.vocabulary)
            }
            trainer = try Trainer(
                model: model, source: source, spec: spec.training, seed: spec.seed,
                team: WorkerTeam(count: max(1, options.threads)))
        } catch {
            throw .configuration(ConfigurationError(error.diagnostics, texts: texts))
        }
    }

    private static func kernels(named name: String?) throws(ConfigurationError) -> Kernels {
        guard let name else { return .best }
        if let kernels = Kernels.named(name) { return kernels }
        throw ConfigurationError([
            Diagnostic(
                .unknownName, "this machine has no kernels '\(name)'",
                hint: "known: " + Kernels.all.map(\.name).joined(separator: ", "))
        ])
    }

    /// Lets a profiler record the steps of this run.
    package func profile(_ options: Profiler.Options) -> RunProfiler {
        RunProfiler(trainer: trainer, workers: max(1, self.options.threads), options: options)
    }

    /// Trains until the end, or until asked to stop; then a checkpoint is saved.
    ///
    /// - Parameters:
    ///   - shouldStop: asked after every update.
    ///   - observe: told what happens, on the calling thread.
    public func run(
        shouldStop: () -> Bool, observe: (RunEvent) -> Void
    ) throws(TrainingError) -> RunResult {
        let lock: RunLock
        do {
            try folder.create()
            lock = try folder.lock()
        } catch {
            throw .file(error)
        }
        defer { lock.release() }
        try prepareFolder(observe)
        observe(.ready(summary))
        if isFinished {
            let isWhole = try sample(shouldStop, observe, keeps: false)
            return isWhole ? .alreadyCompleted : .interrupted(step: trainer.position.step)
        }
        while !isFinished {
            if !trainer.isAtEndOfEpoch, !isAtLastStep {
                try step(observe)
                if shouldStop() { return try interrupt(observe) }
            }
            guard trainer.isAtEndOfEpoch || isAtLastStep else { continue }
            guard try endEpoch(shouldStop, observe) else { return try interrupt(observe) }
            if shouldStop(), !isFinished || options.samples {
                return .interrupted(step: trainer.position.step)
            }
        }
        return progress.isStopped ? .stoppedEarly : .completed
    }

    private func interrupt(_ observe: (RunEvent) -> Void) throws(TrainingError) -> RunResult {
        try save(observe)
        return .interrupted(step: trainer.position.step)
    }

    // MARK: Where the run stands

    private var totalSteps: Int {
        min(spec.training.epochs * trainer.windowsPerEpoch, spec.training.maximumSteps ?? .max)
    }

    private var isAtLastStep: Bool {
        trainer.position.step >= (spec.training.maximumSteps ?? .max)
    }

    private var isFinished: Bool {
        progress.isStopped || trainer.position.epoch >= spec.training.epochs
            || (isAtLastStep && progress.reportedStep == trainer.position.step)
    }

    private var summary: RunSummary {
        RunSummary(
            parameterCount: model.graph.parameterCount,
            tokens: (data.train.count, data.validation.count, data.test.count),
            vocabularyCount: data.vocabulary.count, stepsPerEpoch: trainer.windowsPerEpoch,
            epochs: spec.training.epochs, threads: options.threads, kernels: model.kernels.name)
    }

    // MARK: Steps

    private func step(_ observe: (RunEvent) -> Void) throws(TrainingError) {
        let report = try trainer.step()
        lastLoss = report.loss
        let position = trainer.position
        let progress = StepProgress(
            step: position.step, totalSteps: totalSteps, epoch: position.epoch + 1,
            loss: report.loss, gradientNorm: report.gradientNorm, tokens: report.rows)
        if position.step % spec.training.logEvery == 0 {
            try log([
                "step": .int(progress.step), "epoch": .int(progress.epoch),
                "loss": .double(progress.loss), "gradient_norm": .double(progress.gradientNorm),
            ])
        }
        observe(.step(progress))
        let every = spec.training.checkpoints.every
        if let every, position.step % every == 0, !trainer.isAtEndOfEpoch { try save(observe) }
    }

    /// Evaluates, reports and saves at the end of a pass, or of the run within a pass; returns
    /// false if asked to stop before the result was there.
    private func endEpoch(_ shouldStop: () -> Bool, _ observe: (RunEvent) -> Void)
        throws(TrainingError) -> Bool
    {
        try checkParameters()
        var isAskedToStop = false
        let validationLoss: Double?
        do {
            validationLoss = try trainer.evaluate(validation) {
                isAskedToStop = isAskedToStop || shouldStop()
                return isAskedToStop
            }
        } catch {
            throw .configuration(error)
        }
        if isAskedToStop { return false }
        let trainLoss = trainer.meanLoss
        let epoch = trainer.position.epoch + 1
        // A pass that maximum_steps cuts short stays open, so that a raised one goes on within it.
        if trainer.isAtEndOfEpoch { trainer.finishEpoch() }
        progress.reportedStep = trainer.position.step
        let isBest = noteBest(validationLoss, epoch: epoch)
        let report = EpochReport(
            epoch: epoch, step: trainer.position.step, trainLoss: trainLoss,
            validationLoss: validationLoss, isBest: isBest)
        try log([
            "step": .int(report.step), "epoch": .int(report.epoch),
            "train_loss": .double(trainLoss),
            "validation_loss": validationLoss.map(ConfigValue.double) ?? .null,
            "perplexity": report.perplexity.map(ConfigValue.double) ?? .null,
            "bits_per_token": report.bitsPerToken.map(ConfigValue.double) ?? .null,
        ])
        observe(.epoch(report))
        try save(observe, isBest: isBest || validationLoss == nil)
        _ = try sample(shouldStop, observe)
        return true
    }

    /// Compares a validation loss with the best; decides on early stopping.
    private func noteBest(_ loss: Double?, epoch: Int) -> Bool {
        guard let loss else { return false }
        let rule = spec.training.earlyStopping
        let bar = progress.bestLoss.map { $0 - (rule?.minimumImprovement ?? 0) } ?? .infinity
        if loss < bar {
            progress.bestLoss = loss
            progress.bestEpoch = epoch
            return true
        }
        progress.isStopped = isOutOfPatience(epoch: epoch)
        return false
    }

    private func isOutOfPatience(epoch: Int) -> Bool {
        guard let rule = spec.training.earlyStopping else { return false }
        return epoch - progress.bestEpoch >= rule.patience
    }

    // MARK: The folder

    private func prepareFolder(_ observe: (RunEvent) -> Void) throws(TrainingError) {
        do {
            if options.isFresh { try folder.removeResults() }
            if let found = try folder.newestReadableCheckpoint() {
                found.skipped.forEach { observe(.skipped($0)) }
                try resume(found)
                observe(.resumed(step: trainer.position.step, path: found.path))
            } else {
                try folder.truncateMetrics(afterStep: -1)
                try folder.removeSamples(afterStep: -1)
            }
            try folder.writeSpec(renderedSpec)
        } catch let error as FormatError {
            throw .file(error)
        } catch let error as TrainingError {
            throw error
        } catch {
            preconditionFailure("an error of another type: \(error)")
        }
    }

    private func resume(_ found: FoundCheckpoint) throws {
        try ResumeCheck.seal(of: found)
        let snapshot = try Snapshot(found.contents, path: found.path)
        let differences = SpecDifference.lines(before: snapshot.spec.config, now: spec.config)
        let advice = "use --fresh to start over, or --run DIR for another folder"
        if !differences.isEmpty {
            throw TrainingError.mismatch(
                "the run in \(folder.path) has other settings: "
                    + differences.joined(separator: "; "), hint: advice)
        }
        if snapshot.fingerprint != data.fingerprint {
            throw TrainingError.mismatch(
                "the data of the run in \(folder.path) have changed since it stopped", hint: advice)
        }
        if snapshot.kernels != model.kernels.name {
            throw TrainingError.mismatch(
                "the run in \(folder.path) was computed with \(snapshot.kernels) kernels, not "
                    + "\(model.kernels.name): the result could not be exact",
                hint: Kernels.named(snapshot.kernels) == nil
                    ? advice
                    : "go on with --kernels \(snapshot.kernels), or start over with --fresh")
        }
        try ResumeCheck.position(
            snapshot.progress, of: found, windowsPerEpoch: trainer.windowsPerEpoch)
        try snapshot.restore(model.parameters, path: found.path)
        try snapshot.restore(trainer, path: found.path)
        progress = snapshot.progress
        // A run that stopped early goes on if it may now be more patient.
        progress.isStopped =
            progress.isStopped && isOutOfPatience(epoch: trainer.position.epoch)
        // A pass that ended and was not saved is evaluated again.
        let reported = Double(progress.reportedStep)
        let removed = try folder.truncateMetrics(afterStep: trainer.position.step) { record in
            record["train_loss"] != nil && (record["step"]?.number ?? 0) > reported
        }
        if removed > 0 {
            options.logger?.info(
                "removed \(removed) lines of metrics, which are written again",
                metadata: ["path": "\(folder.metricsPath)"])
        }
        try folder.removeSamples(afterStep: trainer.position.step)
    }

    private func log(_ record: ConfigValue) throws(TrainingError) {
        do { try folder.appendMetrics(record) } catch { throw .file(error) }
    }

    private func save(_ observe: (RunEvent) -> Void, isBest: Bool = false) throws(TrainingError) {
        try checkParameters()
        progress.position = trainer.position
        do {
            let snapshot = Snapshot(
                spec: spec, progress: progress, vocabulary: data.vocabulary,
                fingerprint: data.fingerprint, kernels: model.kernels.name,
                tensors: try Snapshot.tensors(of: model.parameters, trainer: trainer))
            let file = snapshot.safetensors()
            if isBest { try folder.saveBest(file) }
            let saved = try folder.saveCheckpoint(
                file, step: trainer.position.step, keepLast: spec.training.checkpoints.keep)
            saved.failures.forEach { observe(.warning($0)) }
            observe(.checkpoint(path: saved.path))
        } catch {
            throw .file(error)
        }
    }

    /// A last update can leave parameters that only the next loss would show to be bad.
    private func checkParameters() throws(TrainingError) {
        guard let place = model.nonFiniteParameter else { return }
        throw TrainingError.diverged(step: trainer.position.step, loss: lastLoss, place: place)
    }

    /// Generates a text; returns false if asked to stop before it was whole.
    private func sample(
        _ shouldStop: () -> Bool, _ observe: (RunEvent) -> Void, keeps: Bool = true
    ) throws(TrainingError) -> Bool {
        guard options.samples, spec.generate.length > 0 else { return true }
        do {
            let text = try Self.sample(
                model: model, vocabulary: data.vocabulary, spec: spec.generate, seed: spec.seed,
                shouldStop: shouldStop)
            guard let text else { return false }
            if keeps { try folder.appendSample(text, step: trainer.position.step) }
            observe(.sample(text))
            return true
        } catch let error as DataError {
            throw .data(error)
        } catch let error as ConfigurationError {
            throw .configuration(error)
        } catch let error as FormatError {
            throw .file(error)
        } catch {
            preconditionFailure("an error of another type: \(error)")
        }
    }

    private static func sample(
        model: Model, vocabulary: Vocabulary, spec: GenerateSpec, seed: UInt64,
        shouldStop: () -> Bool
    ) throws -> String? {
        let sampler = try Sampler(
            model: model, vocabulary: vocabulary, temperature: spec.temperature, seed: seed)
        var text = spec.prompt
        var isStopped = false
        try sampler.generate(prompt: spec.prompt, length: spec.length) {
            text += $0
            isStopped = shouldStop()
            return !isStopped
        }
        return isStopped ? nil : text
    }
}
