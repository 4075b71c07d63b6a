import Foundation
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTraining
import StrataYAML
import Testing

/// What is found before a run starts: conflicts with their places, and networks that cannot fit.
struct InspectionTests {
    private static func problem(_ body: () throws -> Void) throws -> ConfigurationError {
        do { try body() } catch let error as ConfigurationError {
            return error
        } catch TrainingError.configuration(let error) {
            return error
        }
        throw Missing()
    }

    private struct Missing: Error {}

    private static let text = """
        network: {layers: {cell: lstm, next: output}}
        training:
          truncate_bptt: 9
        generate: {prompt: "abx"}
        """

    @Test(
        arguments: [
            ("training.carry_state=true", [3, 18]), ("training.truncate_bptt=4", [4, 20]),
            ("training.truncate_bptt=99", [1, 24]),
        ] as [(String, [Int])])
    func conflictsAreShownWhereTheyAreWritten(override: String, place: [Int]) throws {
        try withTemporaryFolder { folder in
            try write(Array(Self.text.utf8), to: folder + "/net.yaml")
            let document = try YAML.load(path: folder + "/net.yaml", overrides: [override])
            let spec = try ModelSpec(document.root, texts: document.texts)
            let data = try Tiny.data()
            let error = try Self.problem {
                _ = try Inspection(spec, data: data, texts: document.texts)
            }
            let found = try #require(error.diagnostics.first?.location)
            #expect([found.line, found.column] == place)
            #expect(error.description.contains("^"))
            let training = try Self.problem {
                _ = try TrainingRun(
                    spec: spec, data: data, folder: .init(path: folder + "/run"),
                    render: { _ in "" }, options: .init(), texts: document.texts)
            }
            #expect(training.description == error.description)
        }
    }

    @Test(arguments: [0, 1]) func earlyStoppingNeedsValidation(tokens: Int) throws {
        let text = Self.text.replacingOccurrences(
            of: "truncate_bptt: 9", with: "early_stopping: {patience: 2}")
        let document = try YAML.parse(text, file: "net.yaml")
        let spec = try ModelSpec(document.root, texts: document.texts)
        let data = try Tiny.data(validation: tokens)
        let inspected = try Self.problem {
            _ = try Inspection(spec, data: data, texts: document.texts)
        }
        let found = try #require(inspected.diagnostics.first)
        #expect(found.code == .conflict && found.location?.line == 3)
        #expect(found.hint?.contains("data.split") == true)
        let training = try Self.problem {
            _ = try TrainingRun(
                spec: spec, data: data, folder: .init(path: "nowhere"), render: { _ in "" },
                options: .init(), texts: document.texts)
        }
        #expect(training.description == inspected.description)
    }

    @Test func aRunNamesTheSameSumOfMemoryAsACheck() throws {
        // 16 bytes for the square of the units, so that the parameters alone are too many.
        let units = Int((Double(SystemMemory.available) / 12).squareRoot())
        let layers = [LayerSpec("lstm", LSTM(units: units)), LayerSpec("next", Output())]
        let data = try Tiny.data()
        let inspected = try Self.problem {
            _ = try Inspection(Tiny.spec(layers), data: data, texts: SourceTexts())
        }
        #expect(inspected.diagnostics.map(\.code) == [.limit])
        let training = try Self.problem { _ = try Tiny.run(Tiny.spec(layers), in: "nowhere") }
        #expect(training.description == inspected.description)
    }

    @Test func everythingThatTrainingHoldsCountsAsMemory() throws {
        let data = try Tiny.data()
        func bytes(_ optimizer: any Optimizer, steps: Int = 4) throws -> (Double, Int) {
            let spec = Tiny.spec {
                $0.optimizer = OptimizerSpec(optimizer)
                $0.truncateBPTT = steps
            }
            let inspection = try Inspection(spec, data: data, texts: SourceTexts())
            let bytes = MemoryGuard.bytes(
                for: inspection.graph, plan: inspection.plan, updating: optimizer.rule)
            // Parameters, gradients and the arena are the least.
            let count = inspection.graph.parameterCount
            #expect(bytes > Double(8 * count + 4 * inspection.plan.arenaCount))
            return (bytes, count)
        }
        let (sgd, count) = try bytes(SGD())
        #expect(try bytes(SGD(learningRate: 0.1, momentum: 0.9)).0 == sgd + Double(4 * count))
        #expect(try bytes(Adam()).0 == sgd + Double(8 * count))
        #expect(try bytes(SGD(), steps: 8).0 > sgd)
    }

    @Test func fillingAWideLayerCountsAsMemory() throws {
        // The first values are drawn in double precision: 12 bytes besides each number's own 4.
        let units = Int((Double(SystemMemory.available) / 15 / 4).squareRoot())
        let layers = [LayerSpec("lstm", LSTM(units: units)), LayerSpec("next", Output())]
        let spec = Tiny.spec(layers) { $0.optimizer = OptimizerSpec(SGD()) }
        let data = try Tiny.data()
        let inspected = try Self.problem {
            _ = try Inspection(spec, data: data, texts: SourceTexts())
        }
        #expect(inspected.diagnostics.map(\.code) == [.limit])
        // Filling alone is too much, whatever runs later.
        let graph = try GraphCompiler.compile(
            spec.network, inputs: [GraphInput("input", TensorSpec(features: 6, values: .tokens))],
            target: .classes(6))
        let filling = MemoryGuard.bytes(for: graph, plan: nil, updating: nil)
        #expect(filling > Double(SystemMemory.available))
        try withTemporaryFolder { folder in
            let training = try Self.problem { _ = try Tiny.run(spec, in: folder) }
            #expect(training.diagnostics.map(\.code) == [.limit])
        }
    }

    private static let wide = """
        data: {type: text, path: a.txt, tokens: words, vocabulary_size: 100}
        network: {layers: {table: {type: embedding, units: 500_000}, next: output}}
        """

    @Test(arguments: [1_000_000, 200_000])
    func aVocabularyWiderThanAnyLayerIsNamedAsARemedy(words: Int) throws {
        try withTemporaryFolder { folder in
            try write(Array(Self.wide.utf8), to: folder + "/net.yaml")
            let document = try YAML.load(
                path: folder + "/net.yaml", overrides: ["data.vocabulary_size=\(words)"])
            let spec = try ModelSpec(document.root, texts: document.texts)
            let data = try TokenDataset(
                vocabulary: Vocabulary(kind: .words, tokens: (0..<words).map { "w\($0)" }),
                train: Tiny.tokens(400), batchSize: 2, sequenceLength: 8)
            let error = try Self.problem {
                _ = try Inspection(spec, data: data, texts: document.texts)
            }
            let found = try #require(error.diagnostics.first)
            #expect(found.code == .limit)
            #expect(found.hint?.contains("vocabulary_size") == (words > 500_000))
            #expect(found.location.map { [$0.line, $0.column] } == [1, 22])
        }
    }

    @Test func aNetworkThatIsReadFromAFileIsNotFilled() throws {
        let model = try Model(
            network: NetworkSpec(layers: Tiny.layers),
            input: TensorSpec(features: 6, values: .tokens), target: .classes(6), seed: nil)
        let parameters = model.parameters
        #expect(parameters.values.buffer(0..<parameters.count).allSatisfy { $0 == 0 })
        func bytes(fills: Bool) -> Double {
            MemoryGuard.bytes(for: model.graph, plan: nil, updating: nil, fills: fills)
        }
        #expect(bytes(fills: false) == Double(4 * parameters.count))
        #expect(bytes(fills: true) > bytes(fills: false))
    }

    @Test func stepsThatAreNoneAreRefusedBeforeWindowsAreCut() throws {
        try withTemporaryFolder { folder in
            for steps in [0, -1] {
                let spec = Tiny.spec {
                    $0.truncateBPTT = steps
                    $0.carryState = false
                }
                let error = try Self.problem { _ = try Tiny.run(spec, in: folder) }
                #expect(error.description.contains("truncate_bptt"))
            }
        }
    }
}
