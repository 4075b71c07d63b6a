import Foundation
import Strata
import Testing

@Suite struct BuilderTests {
    @Test func unnamedLayersAreCalledByTypeAndPlace() {
        let network = Network {
            Embedding(units: 4)
            LSTM(units: 3)
            GravesLSTM(units: 3)
            Output()
        }
        #expect(network.layers.map(\.name) == ["embedding1", "lstm2", "graves_lstm3", "output4"])
        #expect(network.layers.allSatisfy { $0.from == nil })
    }

    @Test func aNameGivenByHandIsNeverTaken() {
        let network = Network {
            Dense(units: 2)
            Dense(units: 3).named("dense1")
        }
        #expect(network.layers.map(\.name) == ["dense1_2", "dense1"])
    }

    @Test func namedLayersReadFromOthers() {
        let network = Network {
            LSTM(units: 3).named("a", from: "input")
            LSTM(units: 2).named("b", from: ["input"])
            Output(units: 2).named("end", from: "a", "b")
            Dropout(rate: 0.1).named("drop")
        }
        #expect(network.layers.map(\.from) == [["input"], ["input"], ["a", "b"], nil])
    }

    @Test(arguments: [true, false])
    func swiftControlFlowChoosesLayers(isDeep: Bool) {
        let extra: [any Layer] = [Dropout(rate: 0.2), ActivationLayer(.relu)]
        let network = Network {
            if isDeep { LSTM(units: 8) } else { GravesLSTM(units: 8) }
            for width in [4, 3] { Dense(units: width) }
            if isDeep { extra }
            Output(units: 2)
        }
        let expected =
            isDeep
            ? ["lstm1", "dense2", "dense3", "dropout4", "activation5", "output6"]
            : ["graves_lstm1", "dense2", "dense3", "output4"]
        #expect(network.layers.map(\.name) == expected)
    }

    @Test(arguments: LayerCatalog.standard.kinds.map(\.type))
    func everyKindSurvivesYAML(type: String) throws {
        let kind = try #require(LayerCatalog.standard.kind(named: type))
        let network = Network("all-kinds", seed: .max) { kind.defaults }
        let copy = try Network(yamlText: network.yaml)
        #expect(copy == network)
        #expect(copy.yaml == network.yaml)
    }

    @Test func everySettingSurvivesYAML() throws {
        var lstm = LSTM(units: 7, activation: .softsign, gateActivation: .hardSigmoid)
        lstm.recurrentInitializer = .orthogonal
        lstm.forgetBias = 1.0 / 3
        var training = TrainingSpec()
        training.maximumSteps = 12
        training.truncateBPTT = 5
        training.carryState = false
        training.optimizer = OptimizerSpec(AdamW(learningRate: 1e-7, weightDecay: 0.3))
        training.clip = ClipSpec(norm: 1, value: 0.1)
        training.l2 = 1e-4
        training.earlyStopping = EarlyStoppingSpec()
        let network = Network("réseau-1", seed: 9, training: training) {
            lstm.named("no", from: "input")
            Dense(units: 2, activation: .gelu, initializer: .he, bias: false).named("1")
            Output(units: 3, activation: .softmax, loss: .crossEntropy).named(
                "end", from: "1", "no")
        }
        let copy = try Network(yamlText: network.yaml)
        #expect(copy == network)
        #expect(copy.layers.map(\.name) == ["no", "1", "end"])
        #expect(network != network.epochs(11))
    }

    @Test func modifiersChangeCopies() {
        let network = Lesson.xor
        let changed = network.epochs(3).settings { $0.l1 = 0.5 }
        #expect(changed.spec.training.epochs == 3)
        #expect(changed.spec.training.l1 == 0.5)
        #expect(network.spec.training.epochs == TrainingSpec().epochs)
    }

    @Test func settingsMadeInSwiftAreHeldToTheRulesOfYAML() throws {
        let network = Network("two words") {
            Dense(units: 0)
            Dropout(rate: 1)
            Output(units: 1, activation: .tanh)
        }
        .settings { $0.epochs = 0 }
        let error = try #require(throws: ConfigurationError.self) { try network.validate() }
        #expect(error.diagnostics.count >= 5)
        #expect(error.diagnostics.contains { $0.path == ["network", "layers", "dense1", "units"] })
        #expect(throws: TrainingError.self) { try network.train(on: Lesson.xorExamples()) }
    }

    @Test func aNetworkWithoutLayersIsRefused() throws {
        let empty = Network {}
        #expect(throws: ConfigurationError.self) { try empty.validate() }
    }

    @Test func mistakesInYAMLComeWithPlacesAndHints() throws {
        let error = try #require(throws: ConfigurationError.self) {
            _ = try Network(yamlText: "network:\n  layers:\n    a: {type: lstm, untis: 2}\n")
        }
        #expect(error.diagnostics.first?.hint == "did you mean 'units'?")
        #expect(error.diagnostics.first?.location?.line == 3)
        #expect(throws: ConfigurationError.self) { _ = try Network(yaml: "no/such/file.yaml") }
    }

    @Test func filesAreReadWithOverrides() throws {
        let folder = try EmbeddingFolder()
        let path = folder.path + "/net.yaml"
        try Lesson.speller.yaml.write(toFile: path, atomically: true, encoding: .utf8)
        let network = try Network(yaml: path, overrides: ["training.epochs=4", "seed=8"])
        #expect(network.spec.training.epochs == 4)
        #expect(network.spec.seed == 8)
        #expect(network.layers == Lesson.speller.layers)
    }

    @Test func twoLayersOfOneNameAreRefused() throws {
        let twins = Network {
            Dense(units: 2).named("a")
            Output().named("a")
        }
        let error = try #require(throws: ConfigurationError.self) { try twins.validate() }
        #expect(error.diagnostics.map(\.message) == ["the name 'a' is taken"])
        #expect(error.diagnostics.first?.code == .duplicateKey)
    }
}
