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
    }

    let spec: ModelSpec
    let data: TokenDataset
    let folder: RunFolder
    let options: Options
    let renderedSpec: String
    let trainer: Trainer
    let model: Model
    let validation: TokenWindows
    var progress = CheckpointFacts.Progress()
    var lastLoss = 0.0
    /// What the newest checkpoint of this process knows; nil: it has saved none.
    var savedProgress: CheckpointFacts.Progress?
    /// The checkpoint that is being written; nil: none is.
    var saving: BackgroundWork<SavedCheckpoint, FormatError>?

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
                seed: spec.seed, kernels: try Self.kernels(named: options.kernels),
                precision: spec.training.precision, imitates: options.imitatesBFloat16, texts: texts
            )
            if options.samples {
                try RunCheck.sample(spec, graph: model.graph, vocabulary: data.vocabulary)
            }
            try HeaderCheck.vocabulary(data.vocabulary, of: model.graph)
            trainer = try Trainer(
                model: model, source: source, spec: spec.training, seed: spec.seed,
                threads: max(1, options.threads))
        } catch {
            throw .configuration(error.showing(texts))
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
        RunProfiler(trainer: trainer, options: options)
    }

    /// Trains until the end, or until asked to stop; then a checkpoint is saved.
    ///
    /// - Parameters:
    ///   - shouldStop: asked after every update.
    ///   - observe: told what happens, on the calling thread.
    public func run(
        shouldStop: () -> Bool, observe: (RunEvent) -> Void
    ) throws(TrainingError) -> RunResult {
        let lock = try onFiles { () throws(FormatError) in
            try folder.create()
            return try folder.lock()
        }
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

    private func train(
        _ shouldStop: () -> Bool, _ observe: (RunEvent) -> Void
    ) throws(TrainingError) -> RunResult {
        let lacksSample = try lacksSample
        if isFinished || lacksSample {
            let isWhole = try sample(shouldStop, observe, keeps: lacksSample)
            guard isWhole else { return .interrupted(step: trainer.position.step) }
            if isFinished { return .alreadyCompleted }
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

    private var isFinished: Bool {
        progress.isStopped || trainer.position.epoch >= spec.training.epochs
            || (isAtLastStep && progress.reportedStep == trainer.position.step)
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
