import Foundation
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining
import StrataYAML
import Testing

/// The whole file as a value, and back.
struct ModelSpecTests {
    private static var full: ModelSpec {
        var spec = Tiny.spec {
            $0.maximumSteps = 100
            $0.carryState = false
            $0.clip = ClipSpec(norm: 5, value: 0.1)
            ($0.l1, $0.l2, $0.weightDecay) = (1e-5, 1e-4, 0.3)
            $0.earlyStopping = EarlyStoppingSpec()
            $0.earlyStopping?.minimumImprovement = 0.25
            $0.checkpoints.every = 10
        }
        spec.seed = .max
        spec.data = DataSpec(TextData(path: ["a.txt", "b/**/*.txt"], tokens: .words))
        spec.generate.prompt = "say \"#: \\ é\n"
        spec.generate.weights = .int8
        return spec
    }

    @Test func int8IsForReadingWeightsNotForTraining() throws {
        let config: ConfigValue = [
            "network": ["layers": ["next": ["type": "output"]]], "training": ["precision": "int8"],
        ]
        let error = #expect(throws: ConfigurationError.self) { try ModelSpec(config.node) }
        #expect(
            error?.diagnostics.map(\.hint) == [
                "int8 is for networks that have been trained: set generate.weights to it"
            ])
    }

    @Test func configRoundTrips() throws {
        for spec in [Self.full, Tiny.spec(), Tiny.spec { $0 = TrainingSpec() }] {
            let again = try ModelSpec(spec.config.node)
            #expect(again == spec)
            #expect(again.config == spec.config)
            #expect(try ModelSpec(JSONReader.read(spec.config.json()).node) == spec)
        }
    }

    @Test func everyKindOfLayerRoundTrips() throws {
        let layers = LayerCatalog.standard.kinds.enumerated().map { index, kind in
            LayerSpec("layer\(index)", kind.defaults, from: index % 2 == 0 ? nil : ["input"])
        }
        let spec = ModelSpec(network: NetworkSpec(layers: layers))
        #expect(try ModelSpec(spec.config.node) == spec)
    }

    @Test func everyOptimizerRoundTrips() throws {
        for kind in OptimizerCatalog.standard.kinds {
            let spec = Tiny.spec { $0.optimizer = OptimizerSpec(kind.defaults) }
            #expect(try ModelSpec(spec.config.node) == spec)
        }
    }

    /// A setting that the schema lacks would be marked as a mistake by editors.
    @Test func jsonSchemaCoversEveryKeyOfAFile() throws {
        let schema = try JSONReader.read(ModelSpec.jsonSchema.json(indentation: 2))
        let keys = Self.keys(of: schema)
        func check(_ value: ConfigValue, inLayers: Bool) {
            for pair in value.pairs ?? [] {
                if !inLayers { #expect(keys.contains(pair.key), "\(pair.key)") }
                check(pair.value, inLayers: pair.key == "layers")
            }
        }
        check(Self.full.config, inLayers: false)
        for kind in LayerCatalog.standard.kinds {
            for field in kind.fields { #expect(keys.contains(field.key), "\(field.key)") }
        }
    }

    /// What is required may stand in a file that this one extends.
    @Test func jsonSchemaAsksForLittleWhereAFileExtends() {
        let schema = ModelSpec.jsonSchema
        #expect(schema["required"] == nil)
        #expect(schema["properties"]?["network"]?["required"] == nil)
        #expect(!(schema["properties"]?.json().contains("\"required\"") ?? true))
        let alone: ConfigValue = [
            "required": ["network"],
            "properties": ["network": ["required": ["layers"]], "data": ["required": ["path"]]],
        ]
        #expect(schema["anyOf"] == [["required": ["extends"]], alone])
    }

    @Test func unknownKeyOfTheFileListsAllKeys() throws {
        let config: ConfigValue = ["zzzz": 1, "network": ["layers": ["next": "output"]]]
        let error = #expect(throws: ConfigurationError.self) { try ModelSpec(config.node) }
        let hint = try #require(error?.diagnostics.first?.hint)
        for field in ModelSpec.fields { #expect(hint.contains(field.key)) }
    }

    @Test func onlyFilesExtend() {
        let config: ConfigValue = ["extends": "a.yaml", "network": ["layers": ["next": "output"]]]
        let error = #expect(throws: ConfigurationError.self) { try ModelSpec(config.node) }
        #expect(error?.diagnostics.map(\.message) == ["only a file can say 'extends'"])
    }

    @Test func pathsBehindALinkStayWhatTheyAre() throws {
        try withTemporaryFolder { folder in
            let manager = FileManager.default
            try manager.createDirectory(
                atPath: folder + "/real/sub", withIntermediateDirectories: true)
            try manager.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: "real/sub")
            var spec = Tiny.spec()
            for (path, result) in [
                ("/link/../text.txt", "/link/../text.txt"), ("/real/sub/../a/./b", "/real/a/b"),
            ] {
                spec.data = DataSpec(TextData(path: [folder + path]))
                let source = spec.resolvingPaths().data?.source as? TextData
                #expect(source?.path == [folder + result])
            }
        }
    }

    @Test func changedTypeKeepsWhatBothTypesHave() throws {
        let text =
            "network: {layers: {next: output}}\n"
            + "training: {optimizer: {type: adam, learning_rate: 0.5, beta1: 0.8}}\n"
        try withTemporaryFolder { folder in
            try write(Array(text.utf8), to: folder + "/base.yaml")
            let changes = "extends: base.yaml\ntraining: {optimizer: {type: sgd}}\n"
            try write(Array(changes.utf8), to: folder + "/own.yaml")
            let own = try YAML.load(path: folder + "/own.yaml")
            let overridden = try YAML.load(
                path: folder + "/base.yaml", overrides: ["training.optimizer.type=sgd"])
            for root in [own.root, overridden.root] {
                let optimizer = try ModelSpec(root).training.optimizer
                #expect(optimizer.config == OptimizerSpec(SGD(learningRate: 0.5)).config)
            }
        }
    }

    @Test func referenceHasEveryKeyOfTheFile() throws {
        let keys = ModelSpec.fields.map(\.key)
        let properties = try #require(ModelSpec.jsonSchema["properties"]?.pairs)
        #expect(Set(keys) == Set(properties.map(\.key)))
        for pair in Self.full.config.pairs ?? [] { #expect(keys.contains(pair.key)) }
        #expect(
            ModelSpec.jsonSchema["properties"]?["network"]?["properties"]?.pairs?.map(\.key)
                == ModelSpec.networkFields.map(\.key))
    }

    @Test(arguments: ["", ".", "..", "a/b", ".hidden", "a b", "a\u{0}", "nul\n", "x.safetensors"])
    func namesThatAreNoFoldersAreRefused(name: String) {
        #expect(!RunFolder.isValidName(name))
        var spec = Tiny.spec()
        spec.name = name
        #expect(throws: ConfigurationError.self) { try ModelSpec(spec.config.node) }
    }

    @Test func differencesIgnoreWhatMayChange() {
        let before = Self.full
        var now = before
        now.training.epochs += 1
        now.training.maximumSteps = nil
        now.training.logEvery += 1
        now.training.earlyStopping = nil
        now.training.checkpoints.keep += 1
        now.generate.length += 1
        now.name += "2"
        #expect(SpecDifference.lines(before: before.config, now: now.config).isEmpty)
        now.seed = 3
        now.training.clip.value = nil
        #expect(
            SpecDifference.lines(before: before.config, now: now.config) == [
                "seed was \"18446744073709551615\", is 3", "training.clip.value was 0.1, is unset",
            ])
    }

    private static func keys(of value: ConfigValue) -> Set<String> {
        switch value {
        case .map(let pairs):
            pairs.reduce(into: Set<String>()) {
                $0.insert($1.key)
                $0.formUnion(keys(of: $1.value))
            }
        case .list(let values): values.reduce(into: Set<String>()) { $0.formUnion(keys(of: $1)) }
        default: []
        }
    }
}
