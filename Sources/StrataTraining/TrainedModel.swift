public import Logging
public import StrataData
public import StrataFormats
public import StrataGraph
import StrataRuntime
import StrataSchema

/// A network read back from a run: to generate text and to evaluate.
public final class TrainedModel {
    /// The spec that it was trained by.
    public let spec: ModelSpec
    /// What its tokens mean.
    public let vocabulary: Vocabulary
    /// The updates that it has seen.
    public let step: Int
    private let model: Model
    private let fingerprint: String

    /// Reads the best checkpoint of a run, or the newest where there is no best.
    ///
    /// - Parameter logger: told which broken checkpoints are passed over; nil: nobody is.
    /// - Throws: ``TrainingError`` `.file` where there is none, or none can be read.
    public convenience init(
        run folder: RunFolder, logger: Logger? = nil
    ) throws(TrainingError) {
        let found = try onFiles { () throws(FormatError) in
            try Self.checkpoint(of: folder, logger)
        }
        try self.init(found.contents, path: found.path, logger)
    }

    /// The best checkpoint of a run, or the newest where there is no best.
    private static func checkpoint(
        of folder: RunFolder, _ logger: Logger?
    ) throws(FormatError) -> (contents: Safetensors, path: String) {
        do throws(FormatError) {
            let best = try folder.bestCheckpoint(
                memoryLimit: Snapshot.memoryLimit, keeping: Snapshot.servesInference,
                checking: Snapshot.refuseForeign)
            if let best { return (best, folder.bestPath) }
        } catch {
            var error = error
            // The other one is as large, and where the folder cannot be listed, there is nothing to advise.
            if error.kind != .tooLarge, let step = try? folder.checkpointSteps().last {
                let other = "another checkpoint is \(folder.checkpointPath(step: step))"
                error.hint = (error.hint.map { $0 + "; " } ?? "") + other
            }
            throw error
        }
        let newest = try folder.newestReadableCheckpoint(
            memoryLimit: Snapshot.memoryLimit, keeping: Snapshot.servesInference,
            checking: Snapshot.refuseForeign)
        guard let newest else {
            throw FormatError(
                .missing, "there is no checkpoint in the run folder", path: folder.path,
                hint: "train it first: netrun CONFIG.yaml")
        }
        for error in newest.skipped {
            logger?.warning(
                "skipped a broken checkpoint: \(error.message)",
                metadata: error.path.map { ["path": "\($0)"] })
        }
        return (newest.contents, newest.path)
    }

    /// Reads one checkpoint file.
    ///
    /// - Parameter logger: told where the file has no checksum, so that damage would not show;
    ///   nil: nobody is.
    public convenience init(
        checkpoint path: String, logger: Logger? = nil
    ) throws(TrainingError) {
        let file = try onFiles { () throws(FormatError) in
            try Snapshot.contents(of: path)
        }
        try self.init(file, path: path, logger)
    }

    private init(
        _ file: Safetensors, path: String, _ logger: Logger?
    ) throws(TrainingError) {
        let snapshot: Snapshot
        do { snapshot = try Snapshot(file, path: path) } catch { throw .file(error) }
        if !file.isVerified { logger?.warnOfMissingSeal(path: path) }
        guard let vocabulary = snapshot.facts.vocabulary else {
            throw .file(
                FormatError(.contentInvalid, "the checkpoint has no vocabulary", path: path))
        }
        self.vocabulary = vocabulary
        spec = snapshot.facts.spec
        step = snapshot.facts.progress.position.step
        fingerprint = snapshot.facts.fingerprint
        let V = vocabulary.count
        let graph: Graph
        do {
            graph = try Model.graph(
                of: snapshot.facts.spec.network, input: TensorSpec(features: V, values: .tokens),
                target: .classes(V))
        } catch {
            throw .configuration(error)
        }
        model = try Model(
            graph: graph, precision: snapshot.facts.precision,
            parameters: snapshot.parameters(of: graph), path: path)
    }

    /// A sampler; the same seed draws the same text, whatever the number of threads.
    ///
    /// - Parameter weights: how weights are read; `.bfloat16` and `.int8` are faster and round them; nil: as
    ///   they were trained.
    public func sampler(
        temperature: Double, seed: UInt64, threads: Int = 1, weights: WeightPrecision? = nil
    ) throws(TrainingError) -> Sampler {
        do {
            return try Sampler(
                model: model, vocabulary: vocabulary, temperature: temperature, seed: seed,
                threads: threads, weights: weights)
        } catch {
            throw .configuration(error)
        }
    }

    /// The mean loss in nats per token over a part of data of the same vocabulary; nil where the part has
    /// nothing to predict.
    ///
    /// - Parameter weights: what weights are rounded to, to learn what that costs; nil: as they were trained.
    public func evaluate(
        _ part: Examples.TextPart, of data: TokenDataset, threads: Int,
        weights: WeightPrecision? = nil
    ) throws(TrainingError) -> Double? {
        guard data.vocabulary == vocabulary else {
            throw .mismatch(
                "the data have another vocabulary than the network was trained with",
                hint: "evaluate on the data of the run's specification")
        }
        let windows: TokenWindows
        let evaluator: Evaluator
        do {
            try RunCheck.windows(spec.training, sequenceLength: data.sequenceLength)
            windows = data.windows(data.tokens(of: part), spec.training, isWhole: true)
            evaluator = try Evaluator(
                model: model, source: windows, threads: threads, weights: weights)
        } catch {
            throw .configuration(error)
        }
        return try evaluator.meanLoss(over: windows)
    }
}
