import StrataData
import StrataGraph
import StrataRuntime
import StrataSchema
package import StrataTraining

/// Trains a network in memory, from the first update to the last.
package final class TrainingLoop {
    /// What a call asks for besides the network's own settings.
    package struct Request: Sendable {
        var examples: Examples
        var validation: Examples?
        var epochs: Int?
        var batchSize: Int?
        var threads: Int

        package init(
            examples: Examples, validation: Examples?, epochs: Int?, batchSize: Int?, threads: Int
        ) {
            self.examples = examples
            self.validation = validation
            self.epochs = epochs
            self.batchSize = batchSize
            self.threads = threads
        }
    }

    private let network: Network
    private let examples: Examples
    private let model: Model
    private let trainer: Trainer
    private let validation: (any BatchSource)?
    private let training: TrainingSpec

    private var record = ValidationRecord()
    /// The parameters of the pass with the lowest validation loss.
    private var best: [[Float]]?
    private var lastLoss = 0.0

    /// Checks everything and allocates what training needs.
    init(_ network: Network, _ request: Request) throws(TrainingError) {
        var network = network
        if let epochs = request.epochs { network.spec.training.epochs = epochs }
        let training = network.spec.training
        let windows: (source: any BatchSource, validation: (any BatchSource)?)
        do throws(TrainingError) {
            windows = try Self.windows(request, network: network)
        } catch {
            throw error.quoting(network.texts)
        }
        do throws(ConfigurationError) {
            try network.validate()
            try RunCheck.earlyStopping(
                training, hasValidation: windows.validation != nil,
                remedy: "pass examples as 'validation'")
            model = try Model(
                compiling: network, input: request.examples.input, target: request.examples.target,
                fills: true)
            try Self.check(model.graph)
            trainer = try Trainer(
                model: model, source: windows.source, spec: training, seed: network.spec.seed,
                threads: request.threads)
        } catch {
            throw .configuration(error.showing(network.texts))
        }
        self.network = network
        self.training = training
        examples = request.examples
        validation = windows.validation
    }

    /// Trains until the end.
    ///
    /// - Parameters:
    ///   - shouldStop: asked after every update.
    ///   - observe: told after every update, on the calling thread.
    /// - Returns: the result, or nil where it was stopped.
    func run(
        shouldStop: () -> Bool, observe: (TrainingProgress) -> Void
    ) throws(TrainingError) -> TrainedNetwork? {
        let total = training.totalSteps(windowsPerEpoch: trainer.windowsPerEpoch)
        var isStopped = false
        while trainer.position.step < total, !isStopped {
            if shouldStop() { return nil }
            let report = try trainer.step()
            lastLoss = report.loss
            let position = trainer.position
            var progress = TrainingProgress(
                step: position.step, totalSteps: total, epoch: position.epoch + 1,
                loss: report.loss, gradientNorm: report.gradientNorm)
            if trainer.isAtEndOfEpoch || position.step == total {
                try checkParameters()
                progress.epochLoss = trainer.finishEpoch()
                progress.validationLoss = try validate()
                isStopped = note(progress)
            }
            observe(progress)
        }
        if let best {
            for (entry, values) in zip(model.parameters.entries, best) {
                model.parameters.write(entry, values)
            }
        }
        return TrainedNetwork(
            network: network, model: model, input: examples.input, target: examples.target,
            vocabulary: examples.vocabulary)
    }

    private func validate() throws(TrainingError) -> Double? {
        guard let validation else { return nil }
        return try trainer.evaluate(validation)
    }

    /// Keeps the best parameters; returns whether validation no longer improves.
    private func note(_ progress: TrainingProgress) -> Bool {
        guard let loss = progress.validationLoss else { return false }
        let rule = training.earlyStopping
        if record.note(loss, epoch: progress.epoch, rule: rule) {
            best = model.parameters.entries.map { model.parameters.read($0) }
        }
        return record.isOutOfPatience(epoch: progress.epoch, rule: rule)
    }

    /// A last update can leave parameters that only the next loss would show to be bad.
    private func checkParameters() throws(TrainingError) {
        guard let place = model.nonFiniteParameter else { return }
        throw .diverged(step: trainer.position.step, loss: lastLoss, place: place)
    }
}

// MARK: Checks

extension TrainingLoop {
    /// Workers that a call may ask for.
    static let threads = 1...1024

    private static func check(_ graph: Graph) throws(ConfigurationError) {
        guard !graph.nodes.contains(where: { $0.lossLayer != nil }) else { return }
        throw ConfigurationError([
            Diagnostic(
                .graph, path: ["network", "layers"],
                "the network has no output layer, so there is nothing to learn from",
                hint: "end it with an output layer")
        ])
    }

    private static func windows(
        _ request: Request, network: Network
    ) throws(TrainingError) -> (source: any BatchSource, validation: (any BatchSource)?) {
        let spec = network.spec
        guard threads.contains(request.threads) else {
            throw .runtime(
                RuntimeError(
                    .invalidInput,
                    "\(request.threads) threads were asked for; from 1 to \(threads.upperBound) can be"
                ))
        }
        if let validation = request.validation {
            try validation.check(
                input: request.examples.input, target: request.examples.target,
                vocabulary: request.examples.vocabulary, name: "validation examples")
        }
        switch request.examples.content {
        case .table(let table):
            return try table.windows(request, seed: spec.seed)
        case .text(let dataset, let part):
            return try dataset.windows(part, request, training: spec.training)
        }
    }
}

extension ExampleTable {
    fileprivate func windows(
        _ request: TrainingLoop.Request, seed: UInt64
    ) throws(TrainingError) -> (source: any BatchSource, validation: (any BatchSource)?) {
        if let size = request.batchSize, size < 1 {
            throw .runtime(
                RuntimeError(.invalidInput, "a batch of \(size) was asked for; at least 1 can be"))
        }
        let batch = request.batchSize.map { min($0, count) }
        var steps = ExampleWindows.steps(of: self)
        var other: ExampleTable?
        switch request.validation?.content {
        case .table(let table):
            steps = max(steps, ExampleWindows.steps(of: table))
            other = table
        case .text: throw .otherKindOfValidation
        case nil: break
        }
        let source = ExampleWindows(table: self, batch: batch, steps: steps, seed: seed)
        let validation = other.map {
            ExampleWindows(table: $0, batch: source.batch, steps: steps, seed: nil)
        }
        return (source, validation)
    }
}

extension TokenDataset {
    /// Windows of a part; `isWhole`: every token takes part, as in evaluation.
    func windows(
        _ part: Examples.TextPart, isWhole: Bool, _ training: TrainingSpec
    ) throws(TrainingError) -> TokenWindows {
        do {
            try RunCheck.windows(training, sequenceLength: sequenceLength)
        } catch {
            throw .configuration(error)
        }
        let windows = windows(tokens(of: part), training, isWhole: isWhole)
        guard windows.count > 0 else {
            throw .data(DataError(.tooShort, "the \(part) part of the text is too short"))
        }
        return windows
    }

    fileprivate func windows(
        _ part: Examples.TextPart, _ request: TrainingLoop.Request, training: TrainingSpec
    ) throws(TrainingError) -> (source: any BatchSource, validation: (any BatchSource)?) {
        let source = try windows(part, isWhole: false, training)
        switch request.validation?.content {
        case .text(let other, let otherPart):
            // Validation runs in the windows of training.
            let tokens = windows(other.tokens(of: otherPart), training, isWhole: true)
            guard tokens.count > 0 else {
                throw .data(DataError(.tooShort, "the text to validate on is too short"))
            }
            return (source, tokens)
        case .table: throw .otherKindOfValidation
        case nil:
            guard part == .train, validation.count > 1 else { return (source, nil) }
            return (source, try windows(.validation, isWhole: true, training))
        }
    }
}

extension TrainingError {
    /// Validation runs in the windows of training, which examples of another kind do not have.
    fileprivate static var otherKindOfValidation: TrainingError {
        .data(
            DataError(
                .invalid, "the validation examples and those to learn from are not of one kind",
                hint: "make both from a text, or both from sequences"))
    }
}

extension Examples {
    /// Refuses examples that a network or other examples do not go with.
    func check(
        input: TensorSpec, target: TargetSpec, vocabulary: Vocabulary?, name: String
    ) throws(TrainingError) {
        guard self.input == input else {
            throw .data(
                DataError(
                    .invalid, "the \(name) are \(self.input), but \(input) is expected"))
        }
        guard self.target == target else {
            throw .data(
                DataError(
                    .invalid,
                    "the targets of the \(name) are \(self.target.words), but \(target.words) "
                        + "are expected"))
        }
        if let own = self.vocabulary, let vocabulary, own != vocabulary {
            throw .data(DataError(.invalid, "the \(name) have another vocabulary"))
        }
    }
}

extension TargetSpec {
    fileprivate var words: String {
        switch self {
        case .classes(let count): "\(count) classes"
        case .values(let count): "\(count) numbers"
        }
    }
}
