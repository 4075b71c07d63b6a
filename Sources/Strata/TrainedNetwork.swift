public import StrataData
public import StrataGraph
import StrataRuntime
import StrataSchema
public import StrataTraining
import Synchronization

/// A network with learned parameters, ready to predict.
///
/// It never changes, so any number of tasks may use it at once.
public final class TrainedNetwork: Sendable {
    /// The layers and settings that it was trained with.
    public let network: Network
    /// What its tokens mean; nil: it was not trained on a text.
    public let vocabulary: Vocabulary?
    let model: Model
    /// What it reads.
    let input: TensorSpec
    /// What it was trained to answer.
    let target: TargetSpec
    /// The engine of the last call, for the next one of the same size.
    private let idle = Mutex<InferenceEngine?>(nil)

    /// Most examples that are computed side by side.
    private static let widestBatch = 64

    init(
        network: Network, model: Model, input: TensorSpec, target: TargetSpec,
        vocabulary: Vocabulary?
    ) {
        self.network = network
        self.model = model
        self.input = input
        self.target = target
        self.vocabulary = vocabulary
    }

    /// Numbers in all parameters.
    public var parameterCount: Int { model.graph.parameterCount }

    // MARK: Predicting

    /// The output for each row; of several outputs the first.
    ///
    /// A network of vectors answers each row [I] by itself. A network of sequences takes the
    /// rows for the steps of one sequence [T][I] and answers each step.
    ///
    /// - Returns: one row [V] for each row.
    /// - Throws: ``TrainingError``: `.data` where widths do not fit or numbers are not finite,
    ///   `.configuration` where memory does not suffice.
    public func predict(_ rows: [[Float]]) throws(TrainingError) -> [[Float]] {
        guard !rows.isEmpty else { return [] }
        guard !input.isSequence else { return try predict(sequences: [rows]).flatMap { $0 } }
        let inputs: ExampleInputs
        do throws(DataError) {
            inputs = try ExampleInputs(vectors: rows, features: try realWidth(), name: "rows")
        } catch {
            throw .data(error)
        }
        return try predict(inputs).flatMap { $0 }
    }

    /// The output for each step of each sequence [T][I], whose lengths may differ; of several outputs the
    /// first.
    ///
    /// - Throws: ``TrainingError``: `.data` where widths do not fit, numbers are not finite or a
    ///   sequence is empty, `.configuration` where memory does not suffice.
    public func predict(sequences: [[[Float]]]) throws(TrainingError) -> [[[Float]]] {
        guard !sequences.isEmpty else { return [] }
        let inputs: ExampleInputs
        do throws(DataError) {
            guard input.isSequence else {
                throw DataError(.invalid, "the network reads vectors, not sequences")
            }
            inputs = try ExampleInputs(
                sequences: sequences, features: try realWidth(), name: "sequences")
        } catch {
            throw .data(error)
        }
        return try predict(inputs)
    }

    /// The output for each token of a sequence; of several outputs the first.
    ///
    /// - Throws: ``TrainingError``: `.data` for a token that the network does not have,
    ///   `.configuration` where memory does not suffice.
    public func predict(tokens: [Int]) throws(TrainingError) -> [[Float]] {
        guard !tokens.isEmpty else { return [] }
        let inputs: ExampleInputs
        do throws(DataError) {
            guard input.values == .tokens else {
                throw DataError(.invalid, "the network reads numbers, not tokens")
            }
            inputs = try ExampleInputs(tokens: [tokens], classes: input.features, name: "tokens")
        } catch {
            throw .data(error)
        }
        return try predict(inputs).flatMap { $0 }
    }

    /// A stepper that reads one step at a time, at the start of a sequence, and answers with the output; of
    /// several with the first.
    ///
    /// - Parameter weights: `.bfloat16` is up to twice as fast for layers of 256 units and more, and
    ///   rounds their weights to 8 bits of precision; `.int8` is up to four times as fast, and rounds
    ///   them to 8 bits for each column's range; nil: as they were trained.
    /// - Throws: ``TrainingError`` `.configuration` where memory does not suffice.
    public func stepper(weights: WeightPrecision? = nil) throws(TrainingError)
        -> NetworkStepper
    {
        try NetworkStepper(model: model, weights: weights)
    }

    /// Continues a text.
    ///
    /// - Parameters:
    ///   - prompt: the text before.
    ///   - length: tokens to generate.
    ///   - temperature: 1: as learned; lower: safer; 0: always the likeliest.
    ///   - seed: the same seed draws the same text; nil: the network's own.
    ///   - weights: how weights are read, as by ``stepper(weights:)``.
    /// - Returns: the text that follows the prompt.
    /// - Throws: ``TrainingError``: `.data` for a prompt with unknown characters or a network
    ///   without vocabulary, `.configuration` where its output is not one probability per token,
    ///   `.runtime` for a negative length or temperature.
    public func generate(
        prompt: String = "", length: Int, temperature: Double = 1, seed: UInt64? = nil,
        weights: WeightPrecision? = nil
    ) throws(TrainingError) -> String {
        guard let vocabulary else {
            throw .data(DataError(.invalid, "the network was not trained on a text"))
        }
        guard length >= 0, temperature >= 0, temperature.isFinite else {
            throw .runtime(
                RuntimeError(.invalidInput, "length and temperature must be at least 0"))
        }
        let sampler: Sampler
        do throws(ConfigurationError) {
            sampler = try Sampler(
                model: model, vocabulary: vocabulary, temperature: temperature,
                seed: seed ?? network.spec.seed, weights: weights)
        } catch {
            throw .configuration(error)
        }
        var text = ""
        do throws(DataError) {
            try sampler.generate(prompt: prompt, length: length) {
                text += $0
                return true
            }
        } catch {
            throw .data(error)
        }
        return text
    }

    // MARK: Evaluating

    /// The mean loss on examples, per vector or step that counts.
    ///
    /// - Parameters:
    ///   - examples: of the same shapes as those that it was trained on.
    ///   - threads: workers, from 1 to 1024.
    ///   - weights: what weights are rounded to, to learn what that costs; nil: as they were trained.
    /// - Throws: ``TrainingError``: `.data` for examples of other shapes or another vocabulary, or where
    ///   nothing counts, `.runtime` for a number of threads that no team has, `.configuration` where
    ///   windows do not suit a text's sequences or memory does not suffice.
    public func evaluate(
        on examples: Examples, threads: Int = 1, weights: WeightPrecision? = nil
    ) throws(TrainingError) -> Double {
        try examples.check(
            input: input, target: target, vocabulary: vocabulary, name: "examples")
        guard TrainingLoop.threads.contains(threads) else {
            throw .runtime(RuntimeError(.invalidInput, "\(threads) threads were asked for"))
        }
        let training = network.spec.training
        let windows: any BatchSource
        switch examples.content {
        case .table(let table): windows = ExampleWindows(table: table, batch: nil, seed: nil)
        case .text(let dataset, let part):
            windows = try dataset.windows(part, isWhole: true, training)
        }
        let evaluator: Evaluator
        do throws(ConfigurationError) {
            evaluator = try Evaluator(
                model: model, source: windows, threads: threads, weights: weights)
        } catch {
            throw .configuration(error)
        }
        if let loss = try evaluator.meanLoss(over: windows) { return loss }
        throw .data(DataError(.tooShort, "nothing in the examples counts"))
    }
}

// MARK: Batches

extension TrainedNetwork {
    private func realWidth() throws(DataError) -> Int {
        guard input.values == .real else {
            throw DataError(.invalid, "the network reads tokens, not numbers")
        }
        return input.features
    }

    private func predict(_ inputs: ExampleInputs) throws(TrainingError) -> [[[Float]]] {
        let steps = inputs.lengths.max() ?? 1
        let batch = min(inputs.count, Self.widestBatch)
        let engine = try takeEngine(steps: steps, batch: batch)
        defer { if engine.isSmall { idle.withLock { $0 = engine } } }
        var outputs: [[[Float]]] = []
        outputs.reserveCapacity(inputs.count)
        for first in stride(from: 0, to: inputs.count, by: batch) {
            let isMasked = inputs.fill(engine.executor) { column in
                first + column < inputs.count ? first + column : nil
            }
            engine.executor.resetStates()
            engine.run(isMasked: isMasked)
            for column in 0..<min(batch, inputs.count - first) {
                let length = inputs.lengths[first + column]
                outputs.append((0..<length).map { engine.row($0 * batch + column) })
            }
        }
        return outputs
    }

    private func takeEngine(steps: Int, batch: Int) throws(TrainingError) -> InferenceEngine {
        let kept = idle.withLock { kept in
            defer { kept = nil }
            return kept
        }
        if let kept, kept.steps == steps, kept.batch == batch { return kept }
        return try InferenceEngine(model: model, steps: steps, batch: batch)
    }
}
