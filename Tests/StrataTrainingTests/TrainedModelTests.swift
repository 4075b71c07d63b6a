import Foundation
import Logging
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTraining
import Testing

/// Networks read back from their runs: texts and losses.
struct TrainedModelTests {
    private static let spec = Tiny.spec([
        LayerSpec("lstm", LSTM(units: 12)), LayerSpec("next", Output()),
    ]) {
        $0.epochs = 6
        $0.optimizer = OptimizerSpec(Adam(learningRate: 0.02))
    }

    private static func text(
        _ model: TrainedModel, seed: UInt64 = 1, temperature: Double = 1, prompt: String = "ab",
        length: Int = 80, weights: WeightPrecision? = nil
    ) throws -> String {
        let sampler = try model.sampler(temperature: temperature, seed: seed, weights: weights)
        var text = ""
        try sampler.generate(prompt: prompt, length: length) {
            text += $0
            return true
        }
        return text
    }

    @Test func textFollowsFromTheSeed() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let run = try RunFolder(name: "run", in: folder)
            let (a, b) = (try TrainedModel(run: run), try TrainedModel(run: run))
            #expect(try Self.text(a) == Self.text(b))
            #expect(try Self.text(a).count == 80)
            #expect(try Self.text(a) != Self.text(a, seed: 2))
            #expect(try Self.text(a, temperature: 0) == Self.text(a, seed: 2, temperature: 0))
            #expect(try Self.text(a, prompt: "").count == 80)
            #expect(try Self.text(a, length: 0) == "")
        }
    }

    /// The text is long enough for a rounding to change it somewhere.
    @Test func aRunsSampleReadsWeightsAsItsSpecSays() throws {
        try withTemporaryFolder { folder in
            var spec = Self.spec
            (spec.generate.length, spec.generate.weights) = (3000, .int8)
            try Tiny.finish(spec, in: folder)
            let run = try RunFolder(name: "run", in: folder)
            let step = try #require(try run.checkpointSteps().max())
            let model = try TrainedModel(checkpoint: run.checkpointPath(step: step))
            let sample = try String(contentsOfFile: run.samplePath(step: step), encoding: .utf8)
            func text(_ weights: WeightPrecision) throws -> String {
                try Self.text(
                    model, seed: spec.seed, temperature: spec.generate.temperature,
                    prompt: spec.generate.prompt, length: 3000, weights: weights)
            }
            #expect(try text(.int8) == sample)
            #expect(try text(.float32) != sample)
        }
    }

    @Test func lowTemperaturesApproachTheLikeliestText() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let model = try TrainedModel(run: RunFolder(name: "run", in: folder))
            let likeliest = try Self.text(model, temperature: 0)
            #expect(try Self.text(model, temperature: 1e-6) == likeliest)
            #expect(try Self.text(model, temperature: 1e-300) == likeliest)
            #expect(try Self.text(model, temperature: 1e300).count == 80)
        }
    }

    @Test func emitEndsTheText() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let model = try TrainedModel(run: RunFolder(name: "run", in: folder))
            var count = 0
            try model.sampler(temperature: 1, seed: 1).generate(prompt: "a", length: 50) { _ in
                count += 1
                return count < 3
            }
            #expect(count == 3)
        }
    }

    @Test func unknownCharacterOfPromptIsNamed() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let model = try TrainedModel(run: RunFolder(name: "run", in: folder))
            let sampler = try model.sampler(temperature: 1, seed: 1)
            var caught: DataError?
            do throws(DataError) {
                try sampler.generate(prompt: "abé", length: 5) { _ in true }
            } catch {
                caught = error
            }
            #expect(caught?.kind == .unknownToken)
            #expect(caught?.message.contains("é") == true)
        }
    }

    @Test func evaluationRepeatsTheRunsOwnLoss() throws {
        try withTemporaryFolder { folder in
            let data = try Tiny.data()
            try Tiny.finish(Self.spec, in: folder, data: data)
            let path = folder + "/run/best.safetensors"
            let model = try TrainedModel(checkpoint: path)
            let best = try Tiny.snapshot(path).facts.progress.validation.bestLoss
            for threads in 1...3 {
                #expect(try model.evaluate(.validation, of: data, threads: threads) == best)
            }
            let untested = try TokenDataset(
                vocabulary: data.vocabulary, train: Tiny.tokens(400), batchSize: 3,
                sequenceLength: 8)
            #expect(try model.evaluate(.test, of: untested, threads: 1) == nil)
            let other = try TokenDataset(
                vocabulary: Vocabulary(kind: .characters, tokens: ["x", "y"]),
                train: [Int32](repeating: 0, count: 60), batchSize: 2, sequenceLength: 8)
            guard
                case .mismatch(_, _) = trainingError({
                    _ = try model.evaluate(.train, of: other, threads: 1)
                })
            else {
                Issue.record("another vocabulary was accepted")
                return
            }
        }
    }

    @Test func checkpointWithoutAChecksumIsReadWithAWarning() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let path = folder + "/run/best.safetensors"
            let sealed = try Self.text(TrainedModel(checkpoint: path))
            let log = LogBook()
            _ = try TrainedModel(checkpoint: path, logger: log.logger)
            #expect(log.lines.isEmpty)
            try write(try withoutSeal(try bytes(of: path)), to: path)
            #expect(try Self.text(TrainedModel(checkpoint: path, logger: log.logger)) == sealed)
            #expect(
                log.lines == [
                    "\(path): warning: "
                        + "the checkpoint has no checksum, so damage to it would not show"
                ])
        }
    }

    @Test func negativeLengthGeneratesNothing() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let model = try TrainedModel(checkpoint: folder + "/run/best.safetensors")
            let sampler = try model.sampler(temperature: 1, seed: 1)
            #expect(try sampler.generate(prompt: "", length: -1) { $0.isEmpty } == 0)
        }
    }

    @Test func brokenCheckpointsThatArePassedOverAreLogged() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let run = try RunFolder(name: "run", in: folder)
            try FileManager.default.removeItem(atPath: run.bestPath)
            let newest = try #require(try run.checkpointSteps().last)
            try write([1, 2, 3], to: run.checkpointPath(step: newest))
            let log = LogBook()
            let model = try TrainedModel(run: run, logger: log.logger)
            #expect(model.step < newest)
            #expect(log.lines.count == 1)
            #expect(log.lines[0].hasPrefix(run.checkpointPath(step: newest) + ": warning: skipped"))
        }
    }

    @Test(arguments: [("a b", " "), ("a b ", ""), ("a b\n", ""), ("", "")])
    func wordsAreSetApartFromThePrompt(prompt: String, start: String) throws {
        let vocabulary = try Vocabulary(kind: .words, tokens: ["\n", "a", "b"])
        let model = try Model(
            network: NetworkSpec(layers: [
                LayerSpec("embed", Embedding(units: 2)), LayerSpec("next", Output()),
            ]),
            input: TensorSpec(features: 3, values: .tokens), target: .classes(3), seed: 1)
        // Whatever was read, the next word is 'b'.
        for entry in model.parameters.entries {
            let isBias = entry.name == "next.b"
            model.parameters.write(
                entry, isBias ? [0, 0, 9] : [Float](repeating: 0, count: entry.range.count))
        }
        let sampler = try Sampler(
            model: model, vocabulary: vocabulary, temperature: 0, seed: 1)
        var text = ""
        try sampler.generate(prompt: prompt, length: 2) {
            text += $0
            return true
        }
        #expect(text == start + "b b")
    }

    @Test func threadsDoNotChangeTheText() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let model = try TrainedModel(run: RunFolder(name: "run", in: folder))
            func text(_ threads: Int) throws -> String {
                var text = ""
                let count = try model.sampler(temperature: 1, seed: 3, threads: threads)
                    .generate(prompt: "ab", length: 60) {
                        text += $0
                        return true
                    }
                #expect(count == 60)
                return text
            }
            #expect(try text(1) == text(3))
        }
    }

    @Test func missingRunSaysHowToTrain() throws {
        try withTemporaryFolder { folder in
            guard
                case .file(let error) = trainingError({
                    _ = try TrainedModel(run: RunFolder(name: "nothing", in: folder))
                })
            else {
                Issue.record("no error")
                return
            }
            #expect(error.kind == .missing)
        }
    }

    @Test func damagedContentsAreNamed() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder)
            let path = folder + "/run/best.safetensors"
            let file = try Safetensors(reading: path)
            func error(_ edit: (inout Safetensors) throws -> Void) throws -> FormatError? {
                var damaged = file
                try edit(&damaged)
                try damaged.write(to: path)
                let error = trainingError { _ = try TrainedModel(checkpoint: path) }
                if case .file(let error) = error { return error }
                Issue.record("\(String(describing: error))")
                return nil
            }
            #expect(try error { $0.tensors.removeFirst() }?.kind == .wrongArchitecture)
            #expect(
                try error {
                    $0.tensors.append(try TensorEntry(name: "extra.W", shape: [1], floats: [1]))
                }?.kind == .wrongArchitecture)
            #expect(
                try error {
                    let (name, shape) = ($0.tensors[0].name, $0.tensors[0].shape)
                    $0.tensors[0] = try TensorEntry(
                        name: name, shape: shape,
                        floats: [Float](repeating: .nan, count: shape.reduce(1, *)))
                }?.kind == .notFinite)
            for key in file.metadata.keys.sorted()
            where !["strata.data", "strata.kernels"].contains(key) {
                for text in ["", "{", "[]", "7", "null", "{\"spec\":1}"] {
                    let kind = try error { $0.metadata[key] = text }?.kind
                    #expect(
                        kind == .contentInvalid || kind == .newerVersion, "\(key): \(text)")
                }
            }
        }
    }
}
