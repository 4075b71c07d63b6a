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

    /// The parameters of the pass with the lowest validation loss.
    private struct Best {
        var loss: Double
        var epoch: Int
        var values: [[Float]]
    }

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
            try Self.check(training, hasValidation: windows.validation != nil)
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
        var best: Best?
        var isStopped = false
        while trainer.position.step < total, !isStopped {
            if shouldStop() { return nil }
            let report = try trainer.step()
            let position = trainer.position
            var progress = TrainingProgress(
                step: position.step, totalSteps: total, epoch: position.epoch + 1,
                loss: report.loss, gradientNorm: report.gradientNorm)
            if trainer.isAtEndOfEpoch || position.step == total {
                progress.epochLoss = trainer.finishEpoch()
                progress.validationLoss = try validate()
                isStopped = note(progress, &best)
            }
            observe(progress)
        }
        if let best {
            for (entry, values) in zip(model.parameters.entries, best.values) {
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
    private func note(_ progress: TrainingProgress, _ best: inout Best?) -> Bool {
        guard let loss = progress.validationLoss else { return false }
        let rule = training.earlyStopping
        let bar = best.map { $0.loss - (rule?.minimumImprovement ?? 0) } ?? .infinity
        if loss < bar {
            let values = model.parameters.entries.map { model.parameters.read($0) }
            best = Best(loss: loss, epoch: progress.epoch, values: values)
        } else if let rule, let best {
            return progress.epoch - best.epoch >= rule.patience
        }
        return false
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

    private static func check(
        _ training: TrainingSpec, hasValidation: Bool
    ) throws(ConfigurationError) {
        guard training.earlyStopping != nil, !hasValidation else { return }
        throw ConfigurationError([
            Diagnostic(
                .conflict, path: ["training", "early_stopping"],
                "early stopping needs examples to validate on",
                hint: "pass some as 'validation', or leave it out")
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
        if case .table(let table) = request.validation?.content {
            steps = max(steps, ExampleWindows.steps(of: table))
            other = table
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
        if case .text(let other, let otherPart) = request.validation?.content {
            // Validation runs in the windows of training.
            let tokens = windows(other.tokens(of: otherPart), training, isWhole: true)
            return (source, tokens.count > 0 ? tokens : nil)
        }
        guard part == .train, validation.count > 1 else { return (source, nil) }
        return (source, try windows(.validation, isWhole: true, training))
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
