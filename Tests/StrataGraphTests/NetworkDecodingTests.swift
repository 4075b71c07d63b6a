import StrataGraph
import StrataLayers
import StrataSchema
import StrataTestSupport
import Testing

struct NetworkDecodingTests {
    private func decode(_ value: ConfigValue) -> (NetworkSpec?, [Diagnostic], LocatedConfig) {
        let config = LocatedConfig(value)
        var context = DecodingContext()
        let spec = NetworkSpec.decode(config.node, &context, catalog: LayerCatalog.standard)
        return (spec, context.diagnostics, config)
    }

    @Test(arguments: [0, -1, 1 << 40])
    func impossibleSizesAreRefusedAtTheirPlace(size: Int) throws {
        for type in ["lstm", "graves_lstm", "dense", "embedding", "output"] {
            let (spec, found, config) = decode([
                "layers": ["a": ["type": .string(type), "units": .int(size)]]
            ])
            let error = try #require(found.first)
            #expect(spec == nil && found.count == 1)
            #expect(error.code == .outOfRange)
            #expect(error.path == ["layers", "a", "units"])
            #expect(error.location == config.location(["layers", "a", "units"]))
        }
    }

    @Test func layersInOrderWithTheirSettings() throws {
        let (spec, found, _) = decode([
            "defaults": ["activation": "relu", "units": 5],
            "layers": [
                "b": ["type": "dense"], "a": "dropout",
                "c": ["type": "DenseLayer", "from": ["b", "a"], "units": 3],
            ],
        ])
        #expect(found.isEmpty)
        let wanted = NetworkSpec(layers: [
            LayerSpec("b", Dense(units: 5, activation: .relu)), LayerSpec("a", Dropout()),
            LayerSpec("c", Dense(units: 3, activation: .relu), from: ["b", "a"]),
        ])
        #expect(try #require(spec) == wanted)
    }

    @Test func networkReadsBackWhatItWrites() throws {
        for seed in UInt64(0)..<30 {
            let network = RandomNetworks.network(seed: seed).spec
            let (spec, found, _) = decode(network.config)
            #expect(found.isEmpty)
            #expect(try #require(spec) == network)
        }
    }

    @Test func everyMistakeIsReportedAtOnce() {
        let (_, found, config) = decode([
            "layrs": [:], "defaults": ["activatoin": "relu"],
            "layers": [
                "a": ["type": "lstn"], "b": ["type": "lstm", "untis": 3],
                "c": ["type": "dropout", "rate": 1.5], "input": "dense", "d e": "dense",
            ],
        ])
        #expect(
            found.map(\.code) == [
                .unknownKey, .unknownKey, .unknownName, .unknownKey, .outOfRange, .outOfRange,
                .outOfRange,
            ])
        #expect(found.allSatisfy { $0.location != nil })
        #expect(found[3].location == config.keyLocation(["layers", "b", "untis"]))
        #expect(found[3].hint == "did you mean 'units'?")
    }

    @Test(arguments: [[:], ["layers": [:]], ["layers": .null], "lstm"] as [ConfigValue])
    func networkWithoutLayersIsRefused(value: ConfigValue) {
        let (spec, found, _) = decode(value)
        #expect(spec == nil && found.count == 1)
    }

    @Test func softmaxInsideARecurrentLayerIsRefused() {
        for key in ["activation", "gate_activation"] {
            let (spec, found, _) = decode([
                "layers": ["a": .map([.init("type", "lstm"), .init(key, "softmax")])]
            ])
            #expect(spec == nil && found.map(\.code) == [.conflict])
        }
    }

    @Test func lossesRefuseOtherActivations() {
        for (loss, activation) in [("cross_entropy", "sigmoid"), ("binary_cross_entropy", "tanh")] {
            let (spec, found, _) = decode([
                "layers": [
                    "a": [
                        "type": "output", "loss": .string(loss),
                        "activation": .string(activation),
                    ]
                ]
            ])
            #expect(spec == nil && found.map(\.code) == [.conflict])
        }
    }

    @Test func mistakesInDefaultsAreToldOnceAndByTheirKeys() {
        let (_, found, _) = decode([
            "defaults": ["units": "abc", "initializer": "xaviar", "forget_bias": [1, 2]],
            "layers": [
                "a": ["type": "lstm", "forget_bias": 1], "b": "lstm", "c": "lstm", "d": "output",
            ],
        ])
        #expect(
            found.map(\.path) == [
                ["defaults", "units"], ["defaults", "initializer"], ["defaults", "forget_bias"],
            ])
    }

    @Test(
        arguments: [
            (["units": ["x": 1]], .typeMismatch), (["rate": 5], .outOfRange),
            (["forget_bias": 1e39], .outOfRange),
        ] as [(ConfigValue, Diagnostic.Code)])
    func mistakesInDefaultsThatNobodyUsesAreTold(defaults: ConfigValue, code: Diagnostic.Code) {
        let (_, found, _) = decode([
            "defaults": defaults, "layers": ["a": ["type": "lstm", "units": 1, "forget_bias": 1]],
        ])
        #expect(found.map(\.code) == [code])
    }

    @Test func typeAndSourceHaveNoDefault() {
        for key in ["type", "from"] {
            let (_, found, _) = decode([
                "defaults": .map([.init(key, "lstm")]), "layers": ["a": "lstm"],
            ])
            #expect(
                found.map(\.message) == ["'\(key)' has no default: each layer says its own"])
        }
    }

    @Test func defaultsAreReadAsTheNetworksLayersReadThem() {
        // An output may leave its width out; the other layers need one.
        let (_, found, _) = decode([
            "defaults": ["units": .null], "layers": ["a": "lstm", "b": "dense", "c": "output"],
        ])
        #expect(found.map(\.path) == [["defaults", "units"]])
        let (spec, none, _) = decode([
            "defaults": ["activation": "softmax"],
            "layers": ["a": ["type": "lstm", "activation": "tanh"], "b": "dense"],
        ])
        #expect(none.isEmpty && spec?.layers.count == 2)
    }

    @Test func moreLayersThanCanBeMeantAreNotRead() {
        let layers = (0...2000).map { ConfigValue.Pair("a\($0)", "nothing") }
        let (spec, found, _) = decode(["layers": .map(layers)])
        #expect(spec == nil && found.map(\.code) == [.limit])
    }
}
