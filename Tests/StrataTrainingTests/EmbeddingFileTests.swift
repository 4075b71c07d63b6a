import Foundation
import Strata
import Testing

@Suite struct EmbeddingFileTests {
    private let folder: EmbeddingFolder
    private var path: String { folder.path + "/net.safetensors" }

    init() throws { folder = try EmbeddingFolder() }

    private func problem(_ path: String, expecting: Network? = nil) throws -> TrainingError {
        try #require(throws: TrainingError.self) {
            _ = try TrainedNetwork(loading: path, expecting: expecting)
        }
    }

    /// Saves the speller with its file changed, and returns the error of loading it.
    private func damaged(_ change: (inout Safetensors) throws -> Void) throws -> FormatError? {
        try Lesson.speller.train(on: Lesson.spellerExamples(), epochs: 1).save(to: path)
        var file = try Safetensors(reading: path)
        try change(&file)
        try file.write(to: path)
        guard case .file(let error) = try problem(path) else { return nil }
        return error
    }

    @Test func loadedNetworksPredictTheSame() throws {
        let trained = try Lesson.summer.train(on: Lesson.summerExamples(), epochs: 2)
        try trained.save(to: path)
        let loaded = try TrainedNetwork(loading: path, expecting: Lesson.summer)
        let rows: [[Float]] = [[0.1], [0.7], [-2]]
        #expect(try loaded.predict(rows) == trained.predict(rows))
        #expect(
            try loaded.evaluate(on: Lesson.summerExamples())
                == trained.evaluate(on: Lesson.summerExamples()))
        #expect(loaded.network == trained.network)
        #expect(loaded.vocabulary == nil)
    }

    @Test func oneHotTargetsSurviveSaving() throws {
        let examples = try Examples.vectors(inputs: [[1], [0]], targets: [[0, 1], [1, 0]])
        let trained = try Network { Output() }.train(on: examples, epochs: 1)
        try trained.save(to: path)
        let loaded = try TrainedNetwork(loading: path)
        #expect(try loaded.evaluate(on: examples) == trained.evaluate(on: examples))
    }

    @Test func theVocabularyIsSavedToo() throws {
        let dataset = try TokenDataset(
            vocabulary: Vocabulary(kind: .characters, tokens: ["\n", "\"", "é", "💧"]),
            train: (0..<40).map { $0 % 4 }, batchSize: 1, sequenceLength: 8)
        let trained = try Lesson.speller.train(on: .text(dataset), epochs: 2)
        try trained.save(to: path)
        let loaded = try TrainedNetwork(loading: path)
        #expect(loaded.vocabulary == dataset.vocabulary)
        #expect(
            try loaded.generate(prompt: "é", length: 20, seed: 4)
                == trained.generate(prompt: "é", length: 20, seed: 4))
    }

    @Test func checkpointsOfRunsAreReadToo() throws {
        try Tiny.finish(Tiny.spec { $0.epochs = 1 }, in: folder.path)
        let path = folder.path + "/run/best.safetensors"
        let loaded = try TrainedNetwork(loading: path, expecting: Network(spec: Tiny.spec()))
        let model = try TrainedModel(checkpoint: path)
        #expect(loaded.vocabulary == model.vocabulary)
        var text = ""
        try model.sampler(temperature: 1, seed: 4).generate(prompt: "ab", length: 30) {
            text += $0
            return true
        }
        #expect(try loaded.generate(prompt: "ab", length: 30, temperature: 1, seed: 4) == text)
        #expect(try loaded.predict(tokens: [1, 2, 3]).count == 3)
        let log = LogBook()
        try write(try withoutSeal(try bytes(of: path)), to: path)
        _ = try TrainedNetwork(loading: path, logger: log.logger)
        #expect(log.lines.count == 1)
    }

    @Test func checkpointsComputeInThePrecisionThatWasUsed() throws {
        let data = try Tiny.data()
        var spec = Tiny.spec { $0.epochs = 1 }
        spec.training.precision = .bfloat16
        // These kernels are slow at it, whatever those are that read the file.
        _ = try Tiny.run(spec, in: folder.path, data: data) { $0.kernels = "portable" }
            .run(shouldStop: { false }, observe: { _ in })
        let checkpoint = folder.path + "/run/best.safetensors"
        let loaded = try TrainedNetwork(loading: checkpoint)
        let loss = try TrainedModel(checkpoint: checkpoint).evaluate(
            .test, of: data, threads: 1)
        #expect(try loaded.evaluate(on: .text(data, part: .test)) == loss)
        #expect(loaded.network.spec.training.precision == .float32)
        try loaded.save(to: path)
        #expect(
            try TrainedNetwork(loading: path).evaluate(on: .text(data, part: .test)) == loss)
    }

    @Test func anotherNetworkIsRefusedLayerByLayer() throws {
        try Lesson.speller.train(on: Lesson.spellerExamples(), epochs: 1).save(to: path)
        let other = Network {
            LSTM(units: 13)
            Dense(units: 2)
            Output()
        }
        guard case .mismatch(let message, _) = try problem(path, expecting: other) else {
            Issue.record("another error")
            return
        }
        #expect(message.contains("layers.lstm1.units was 12, is 13"))
        #expect(message.contains("layers.dense2"))
        // Training settings are no part of the architecture.
        _ = try TrainedNetwork(loading: path, expecting: Lesson.speller.epochs(99))
    }

    @Test func tensorsOfAnotherShapeAreListed() throws {
        let error = try damaged { file in
            file.tensors.removeAll { $0.name == "lstm1.R" }
            file.tensors.append(try TensorEntry(name: "lstm1.R", shape: [2], floats: [1, 2]))
            file.tensors.removeAll { $0.name == "output2.b" }
        }
        #expect(error?.kind == .wrongArchitecture)
        #expect(error?.message.contains("'lstm1.R' is [2], not [12, 48]") == true)
        #expect(error?.message.contains("'output2.b' [3] is missing") == true)
        #expect(error?.path == path)
    }

    @Test func numbersThatAreNotFiniteAreRefused() throws {
        let error = try damaged { file in
            file.tensors.removeAll { $0.name == "output2.b" }
            file.tensors.append(
                try TensorEntry(name: "output2.b", shape: [3], floats: [0, .nan, 0]))
        }
        #expect(error?.kind == .notFinite)
    }

    @Test(arguments: [
        "strata.network", "strata.yaml", "strata.input", "strata.target",
    ])
    func metadataThatAreMissingOrWrongAreErrors(key: String) throws {
        #expect(try damaged { $0.metadata[key] = nil }?.category == .badData)
        #expect(try damaged { $0.metadata[key] = "{" }?.category == .badData)
        #expect(try damaged { $0.metadata[key] = "{}" }?.category == .badData)
    }

    @Test func shapesOutOfAnyRangeAreErrors() throws {
        for size in ["0", "-3", "16777217", "9223372036854775807"] {
            let input = #"{"features":\#(size),"is_sequence":true,"values":"tokens"}"#
            #expect(try damaged { $0.metadata["strata.input"] = input }?.category == .badData)
        }
    }

    @Test func damageIsFound() throws {
        try Lesson.speller.train(on: Lesson.spellerExamples(), epochs: 1).save(to: path)
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count - 3] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        guard case .file(let error) = try problem(path) else {
            Issue.record("another error")
            return
        }
        #expect(error.kind == .checksumMismatch)
    }

    @Test func filesThatCannotBeReadOrWrittenAreErrors() throws {
        guard case .file(let missing) = try problem(folder.path + "/none") else {
            Issue.record("another error")
            return
        }
        #expect(missing.kind == .missing)
        let trained = try Lesson.xor.train(on: Lesson.xorExamples(), epochs: 1)
        #expect(throws: TrainingError.self) { try trained.save(to: folder.path + "/no/such/file") }
        #expect(throws: TrainingError.self) { try trained.save(to: folder.path) }
    }
}
