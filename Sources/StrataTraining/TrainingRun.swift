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
        /// Workers at most, at least 1; a network too small to share gets fewer.
        public var threads = 1
        /// Whether to start over, removing what an earlier run produced.
        public var isFresh = false
        /// Whether texts are generated at the ends of passes and of the run.
        public var samples = true
        /// The kernels' instruction set: `amx`, `avx512`, `avx2`, `neon` or `portable`; nil: the best.
        ///
        /// Bits depend on it, so a run that is to go on elsewhere needs one that is had there too.
        public var kernels: String?
        /// Takes what is worth knowing and no event tells; nil: nothing does.
        public var logger: Logger?

        /// Whether bfloat16 is used where it is slow, too.
        package var imitatesBFloat16 = false

        /// Creates the defaults.
        public init() {}

        /// The kernels themselves.
        var table: Kernels {
            get throws(ConfigurationError) {
                guard let kernels else { return .best }
                if let table = Kernels.named(kernels) { return table }
                throw ConfigurationError([
                    Diagnostic(
                        .unknownName, "this machine has no kernels '\(kernels)'",
                        hint: "known: " + Kernels.all.map(\.name).joined(separator: ", "))
                ])
            }
        }
    }

    let spec: ModelSpec
    let data: TokenDataset
    let folder: RunFolder
    let options: Options
    let renderedSpec: String
    /// The files that the spec was read from.
    private let configurationFiles: [String]
    let trainer: Trainer
    let model: Model
    let validation: TokenWindows
    var progress = CheckpointFacts.Progress()
    var lastLoss = 0.0
    /// What the newest checkpoint of this process knows; nil: it has saved none.
    var savedProgress: CheckpointFacts.Progress?
    /// The checkpoint that is being written; nil: none is.
    var saving: BackgroundWork<SavedCheckpoint, FormatError>?
    /// The right to write into the folder, while the run has it.
    private var lock: RunLock?
    private var hasBegun = false

    /// Checks all settings, compiles the network for the data and allocates everything.
    ///
    /// - Parameters:
    ///   - render: writes the spec as YAML text, which is kept in the folder.
    ///   - texts: the files that the spec was read from, to quote in messages; the run replaces none.
    /// - Throws: ``TrainingError`` where a setting is not valid or does not suit the data.
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
        configurationFiles = texts.files
        do {
            try RunCheck.settings(spec, texts: texts)
            _ = try Inspection(spec, data: data, texts: texts, options: options)
            let source = data.windows(data.train, spec.training, isWhole: false)
            validation = data.windows(data.validation, spec.training, isWhole: true)
            model = try Model(
                network: spec.network, input: source.input, target: source.target,
                seed: spec.seed, kernels: try options.table, precision: spec.training.precision,
                imitates: options.imitatesBFloat16, texts: texts)
            trainer = try Trainer(
                model: model, source: source, spec: spec.training, seed: spec.seed,
                threads: max(1, options.threads))
        } catch {
            throw .configuration(error.showing(texts))
        }
    }

    /// Lets a profiler record the steps of this run.
    package func profile(_ options: Profiler.Options) -> RunProfiler {
        RunProfiler(trainer: trainer, options: options)
    }

    /// Makes the run's folder, unless it is there or holds what the run would replace.
    package func makeFolder() throws(FormatError) {
        try folder.checkSpec(renderedSpec, readFrom: configurationFiles)
        if !options.isFresh { try folder.checkBeginning() }
        try folder.create()
    }

    /// Refuses a path for a file beside the run, such as a profile, that would replace what the run
    /// reads or writes.
    package func checkIsFree(_ path: String) throws(FormatError) {
        let isRead = try folder.isAmong(configurationFiles + data.sources, path)
        let isWritten = try folder.owns(path)
        guard isRead || isWritten else { return }
        throw FormatError(
            .cannotCreate(errno: 0), "the run \(isRead ? "reads this file" : "itself writes here")",
            path: path, hint: "name another one")
    }

    /// Trains until the end, or until asked to stop; then a checkpoint is saved.
    ///
    /// Once only: what goes on is another `TrainingRun` on the same folder.
    ///
    /// - Parameters:
    ///   - shouldStop: asked after every update.
    ///   - observe: told what happens, on the calling thread.
    /// - Throws: ``TrainingError``: `.file` also where the folder holds files that the run would
    ///   replace and that are not its own, `.runtime` for a second call.
    public func run(
        shouldStop: () -> Bool, observe: (RunEvent) -> Void
    ) throws(TrainingError) -> RunResult {
        guard !hasBegun else {
            throw .runtime(
                RuntimeError(
                    .invalidInput, "this run was carried out already; make another to go on"))
        }
        let lock = try onFiles { () throws(FormatError) in
            try makeFolder()
            return try folder.lock()
        }
        hasBegun = true
        self.lock = lock
        defer { lock.release() }
        try prepareFolder(observe)
        observe(.ready(summary))
        if model.precision != spec.training.precision {
            observe(.slowPrecision(spec.training.precision))
        }
        let result = Result { () throws(TrainingError) in try train(shouldStop, observe) }
        // The checkpoint in flight needs the lock; and where it failed, that came first.
        try finishSaving(observe)
        return try result.get()
    }

    /// Writes into the folder, if it is still the one that was locked.
    func onFolder<Result>(
        _ body: () throws(FormatError) -> Result
    ) throws(TrainingError) -> Result {
        try onFiles { () throws(FormatError) in
            try lock?.check()
            return try body()
        }
    }

    private func train(
        _ shouldStop: () -> Bool, _ observe: (RunEvent) -> Void
    ) throws(TrainingError) -> RunResult {
        let lacksSample = try lacksSample
        if isFinished || lacksSample {
            let isWhole = try sample(shouldStop, observe, keeps: lacksSample)
            guard isWhole else { return .interrupted(step: trainer.position.step) }
            if let limit = reachedLimit { return .alreadyCompleted(limit) }
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

    var totalSteps: Int {
        spec.training.totalSteps(windowsPerEpoch: trainer.windowsPerEpoch)
    }

    var isAtLastStep: Bool {
        trainer.position.step >= (spec.training.maximumSteps ?? .max)
    }

    var isFinished: Bool { reachedLimit != nil }

    private var reachedLimit: RunLimit? {
        if progress.isStopped { return .earlyStopping }
        if trainer.position.epoch >= spec.training.epochs { return .epochs }
        let isReported = progress.reportedStep == trainer.position.step
        return isAtLastStep && isReported ? .maximumSteps : nil
    }

    private var summary: RunSummary {
        RunSummary(
            parameterCount: model.graph.parameterCount,
            tokens: (data.train.count, data.validation.count, data.test.count),
            vocabularyCount: data.vocabulary.count, stepsPerEpoch: trainer.windowsPerEpoch,
            epochs: spec.training.epochs, threads: trainer.workers,
            threadLimit: max(1, options.threads), kernels: model.instructionSet,
            precision: model.precision)
    }
}
