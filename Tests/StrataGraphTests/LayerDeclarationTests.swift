import StrataGraph
import StrataLayers
import StrataSchema
import StrataTestSupport
import Testing

/// What every kind of the catalog declares of itself.
struct LayerDeclarationTests {
    private static let types = LayerCatalog.standard.kinds.map(\.type)

    private func kind(_ type: String) throws -> Catalog<any Layer>.Kind {
        try #require(LayerCatalog.standard.kind(named: type))
    }

    private func decode(_ value: ConfigValue) throws -> any Layer {
        var context = DecodingContext()
        let layer = LayerCatalog.standard.decode(value.node, &context)
        #expect(context.diagnostics.isEmpty, "\(context.diagnostics)")
        return try #require(layer)
    }

    private func lowerCamel(_ key: String) -> String {
        let words = key.split(separator: "_")
        return words.prefix(1).joined()
            + words.dropFirst().map {
                $0.prefix(1).uppercased() + $0.dropFirst()
            }.joined()
    }

    @Test(arguments: types)
    func everyStoredPropertyIsASetting(type: String) throws {
        let kind = try kind(type)
        let properties = Mirror(reflecting: kind.defaults).children.compactMap(\.label)
        #expect(kind.fields.map { lowerCamel($0.key) } == properties)
    }

    @Test(arguments: types)
    func everySettingIsDocumented(type: String) throws {
        let kind = try kind(type)
        #expect(kind.summary.hasSuffix(".") && kind.summary.count > 10)
        for field in kind.fields {
            #expect(field.doc.hasSuffix(".") && field.doc.count > 10, "\(field.key)")
        }
    }

    @Test(arguments: types)
    func defaultsAreThoseOfInit(type: String) throws {
        let kind = try kind(type)
        #expect(try decode(.string(type)).config == kind.defaults.config)
        #expect(try decode(["type": .string(type)]).config == kind.defaults.config)
        for field in kind.fields where field.defaultValue != .null {
            #expect(kind.defaults.config[field.key] == field.defaultValue)
        }
    }

    @Test(arguments: types)
    func everyVariationReadsBackWhatItWrites(type: String) throws {
        let variations = LayerVariation.variations(of: try kind(type), size: 3, scope: .all)
        for variation in variations where variation.isSimple {
            let config = variation.layer.config
            #expect(try decode(config).config == config)
            for pair in variation.config.pairs ?? [] { #expect(config[pair.key] == pair.value) }
        }
    }

    @Test(arguments: types)
    func everyChoiceIsAcceptedSomewhere(type: String) throws {
        let kind = try kind(type)
        let variations = LayerVariation.variations(of: kind, size: 3, scope: .all)
        for field in kind.fields {
            guard case .list(let names) = field.jsonSchema["enum"] else { continue }
            let seen = Set(variations.compactMap { $0.layer.config[field.key] })
            let missing = Set(names).subtracting(seen)
            // Softmax needs whole rows, which recurrent layers never have.
            #expect(missing.isSubset(of: [ConfigValue.string("softmax")]), "\(missing)")
        }
    }

    @Test(arguments: types)
    func otherSpellingsMeanTheSameKind(type: String) throws {
        let kind = try kind(type)
        for alias in kind.aliases {
            #expect(try decode(.string(alias)).config == kind.defaults.config)
        }
    }

    @Test(arguments: [(1, 1), (3, 5), (65, 200)])
    func parameterCountsFollowTheFormulas(I: Int, H: Int) throws {
        let real = TensorSpec(features: I)
        let tokens = TensorSpec(features: I, values: .tokens)
        func count(_ layer: any Layer, _ input: TensorSpec) throws -> Int {
            try layer.plan(inputs: [input]).parameterCount
        }
        for input in [real, tokens] {
            #expect(try count(LSTM(units: H), input) == 4 * H * (I + H + 1))
            #expect(try count(GravesLSTM(units: H), input) == 4 * H * (I + H + 1) + 3 * H)
        }
        #expect(try count(Dense(units: H), real) == I * H + H)
        #expect(try count(Dense(units: H, bias: false), real) == I * H)
        #expect(try count(Output(units: H), real) == I * H + H)
        #expect(try count(Embedding(units: H), tokens) == I * H)
        #expect(try count(Dropout(), real) == 0)
    }

    @Test func parametersAreNamedByTheirLayers() throws {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("lstm1", GravesLSTM(units: 2)), LayerSpec("next", Output(units: 3)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 3))])
        #expect(
            graph.parameters.map(\.name)
                == ["lstm1.W", "lstm1.R", "lstm1.b", "lstm1.p", "next.W", "next.b"])
        #expect(graph.parameters.map(\.spec.decays) == [true, true, false, false, true, false])
        #expect(graph.parameterCount == 4 * 2 * (3 + 2 + 1) + 6 + 2 * 3 + 3)
    }
}
