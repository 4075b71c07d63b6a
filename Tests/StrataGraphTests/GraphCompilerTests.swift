import StrataGraph
import StrataLayers
import StrataSchema
import StrataTestSupport
import Testing

/// What the compiler refuses, and what its messages say.
struct GraphCompilerTests {
    private let reals = [GraphInput("input", TensorSpec(features: 4))]
    private let tokens = [GraphInput("input", TensorSpec(features: 9, values: .tokens))]

    /// The diagnostics of a network that does not compile.
    private func diagnostics(
        _ layers: [LayerSpec], inputs: [GraphInput]? = nil, target: TargetSpec? = nil
    ) -> [Diagnostic] {
        let error = #expect(throws: ConfigurationError.self) {
            try GraphCompiler.compile(
                NetworkSpec(layers: layers), inputs: inputs ?? reals, target: target)
        }
        return error?.diagnostics ?? []
    }

    @Test func cycleNamesItsLayers() throws {
        let found = diagnostics([
            LayerSpec("a", Dense(units: 2), from: ["c"]), LayerSpec("b", Dense(units: 2)),
            LayerSpec("c", Dense(units: 2)), LayerSpec("output", Output(units: 2)),
        ])
        let cycle = try #require(found.first)
        #expect(cycle.code == .graph)
        #expect(cycle.message.contains("a <- c <- b <- a"))
    }

    @Test func layerCannotReadItself() throws {
        let found = diagnostics([LayerSpec("a", Dense(units: 2), from: ["a"])])
        #expect(try #require(found.first).message.contains("a <- a"))
    }

    @Test func unknownSourceSuggestsNearest() throws {
        let found = diagnostics([
            LayerSpec("lstm1", LSTM(units: 2)), LayerSpec("next", Dense(units: 2), from: ["lstn1"]),
        ])
        let unknown = try #require(found.first)
        #expect(unknown.code == .unknownName)
        #expect(unknown.path == ["network", "layers", "next", "from"])
        #expect(unknown.hint == "did you mean 'lstm1'?")
    }

    @Test func allUnknownSourcesAreReportedAtOnce() {
        let found = diagnostics([
            LayerSpec("a", Dense(units: 2), from: ["x"]),
            LayerSpec("b", Dense(units: 2), from: ["input", "y", "z"]),
        ])
        #expect(found.map(\.code) == [.unknownName, .unknownName, .unknownName])
    }

    @Test func emptySourceListIsRefused() {
        let found = diagnostics([LayerSpec("a", Dense(units: 2), from: [])])
        #expect(found.map(\.code) == [.missingKey])
    }

    @Test func unusedLayerIsRefused() throws {
        let found = diagnostics([
            LayerSpec("a", Dense(units: 2)), LayerSpec("b", Dense(units: 2)),
            LayerSpec("output", Output(units: 2), from: ["a"]),
        ])
        #expect(found.map(\.path) == [["network", "layers", "b"]])
        #expect(try #require(found.first).message.contains("never used"))
    }

    @Test func lossInTheMiddleIsRefused() throws {
        let found = diagnostics([
            LayerSpec("output", Output(units: 2)), LayerSpec("more", Output(units: 2)),
        ])
        #expect(try #require(found.first).message.contains("'output' has a loss"))
    }

    @Test(arguments: ["a", "input"])
    func takenNameIsRefused(name: String) throws {
        let found = diagnostics([LayerSpec("a", Dense(units: 2)), LayerSpec(name, Dense(units: 2))])
        #expect(found.map(\.code) == [.duplicateKey])
        #expect(try #require(found.first).message.contains("'\(name)' is taken"))
    }

    @Test func networkWithoutLayersOrInputsIsRefused() {
        #expect(diagnostics([]).map(\.code) == [.graph])
        #expect(diagnostics([LayerSpec("a", Dense())], inputs: []).map(\.code) == [.graph])
    }

    @Test func joiningDifferentShapesNamesBoth() throws {
        let inputs = reals + [GraphInput("label", TensorSpec(features: 3, isSequence: false))]
        let found = diagnostics(
            [LayerSpec("a", Dense(units: 2), from: ["input", "label"])], inputs: inputs)
        let error = try #require(found.first)
        #expect(error.code == .shapeMismatch)
        #expect(error.message.contains("cannot join [T, B, 4] and [B, 3]"))
        #expect(error.message.contains("'input' gives [T, B, 4], 'label' gives [B, 3]"))
    }

    @Test func joiningTokensIsRefused() {
        let found = diagnostics(
            [LayerSpec("a", LSTM(units: 2), from: ["input", "side"])],
            inputs: tokens + [GraphInput("side", TensorSpec(features: 3))])
        #expect(found.map(\.code) == [.shapeMismatch])
    }

    @Test func denseLayerOnTokensSaysWhatToDo() throws {
        let error = try #require(diagnostics([LayerSpec("a", Dense())], inputs: tokens).first)
        #expect(error.message.hasPrefix("layer 'a' needs real numbers, not tokens"))
        #expect(error.message.hasSuffix("'input' gives [T, B] of 9 classes"))
        #expect(error.hint?.contains("embedding") == true)
    }

    @Test func outputWidthMustFitTheData() throws {
        let found = diagnostics([LayerSpec("out", Output(units: 7))], target: .classes(9))
        let error = try #require(found.first)
        #expect(error.code == .shapeMismatch)
        #expect(error.message.contains("7 units") && error.message.contains("need 9"))
    }

    @Test func squaredErrorOnClassesIsRefused() throws {
        let found = diagnostics(
            [LayerSpec("out", Output(activation: .identity, loss: .mse))], target: .classes(9))
        let error = try #require(found.first)
        #expect(error.message.contains("9 classes"))
        #expect(error.hint?.contains("cross_entropy") == true)
    }

    @Test func outputTakesItsWidthFromTheData() throws {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [LayerSpec("out", Output())]), inputs: reals, target: .classes(9))
        #expect(graph.nodes[0].plan.output == TensorSpec(features: 9))
    }

    @Test func outputWithoutDataNeedsUnits() {
        #expect(diagnostics([LayerSpec("out", Output())]).map(\.code) == [.missingKey])
    }

    @Test func recurrentLayerNeedsASequence() {
        let inputs = [GraphInput("input", TensorSpec(features: 3, isSequence: false))]
        #expect(
            diagnostics([LayerSpec("a", LSTM())], inputs: inputs).map(\.code) == [.shapeMismatch])
    }

    @Test func errorsCarryTheLayersPlace() throws {
        let config = LocatedConfig(["layers": ["a": ["type": "dense", "from": ["inptu"]]]])
        var context = DecodingContext()
        let spec = NetworkSpec.decode(config.node, &context, catalog: LayerCatalog.standard)
        let network = try #require(spec)
        let error = #expect(throws: ConfigurationError.self) {
            try GraphCompiler.compile(network, inputs: reals)
        }
        let place = config.node["layers"]?["a"]?["from"]?.elements?.first?.location
        #expect(place != nil && error?.diagnostics.first?.location == place)
    }

    @Test func parametersBeyondAnyMemoryAreRefused() {
        let wide = 16_777_216
        let found = diagnostics([
            LayerSpec("a", Dense(units: wide)), LayerSpec("b", LSTM(units: wide)),
        ])
        #expect(found.map(\.code) == [.limit])
    }

    @Test func widthsThatMultiplyBeyondIntegersAreRefused() {
        var layers = [LayerSpec("c0", Dense(units: 16_777_216))]
        for index in 1...8 {
            let sources = [String](repeating: "c\(index - 1)", count: 100)
            layers.append(LayerSpec("c\(index)", Concatenate(), from: sources))
        }
        #expect(diagnostics(layers).map(\.code) == [.limit])
    }

    @Test func joinedInputsAreToldUnderTheNamesOfTheFile() throws {
        let layers = [
            LayerSpec("cell", LSTM(units: 2)),
            LayerSpec("next", Output(units: 9), from: ["cell", "input"]),
        ]
        let joined = try #require(diagnostics(layers, inputs: tokens).first)
        #expect(
            joined.message == "layer 'next' cannot join tokens with other values; "
                + "'cell' gives [T, B, 2], 'input' gives [T, B] of 9 classes")
        #expect(joined.path == ["network", "layers", "next"])
        let inputs = [
            GraphInput("input", TensorSpec(features: 3, isSequence: false)),
            GraphInput("side", TensorSpec(features: 3, isSequence: false)),
        ]
        let read = diagnostics([LayerSpec("a", LSTM(), from: ["input", "side"])], inputs: inputs)
        #expect(read.first?.message.hasSuffix("'input' and 'side' give [B, 6]") == true)
        let circle = diagnostics([LayerSpec("a", Dense(), from: ["a", "input"])])
        #expect(circle.first?.message.hasSuffix("circle: a <- a") == true)
        #expect(circle.first?.path == ["network", "layers", "a"])
    }

    @Test func moreLayersThanCanBeMeantAreRefused() {
        let many = (0...2000).map { LayerSpec("a\($0)", Dense(units: 1)) }
        let found = diagnostics(many)
        #expect(found.map(\.code) == [.limit])
        #expect(found.first?.message == "the network has 2001 layers; at most 2000 can be")
        let wide = [LayerSpec("a", Dense(), from: .init(repeating: "input", count: 10_001))]
        #expect(diagnostics(wide).map(\.code) == [.limit])
    }

    @Test(.timeLimit(.minutes(1))) func manyLayersAreOrderedAndFusedInReasonableTime() throws {
        // Each reads the layer after it, so that the order is turned round.
        var layers = (0..<2000).map { index in
            LayerSpec("a\(index)", ActivationLayer(.tanh), from: ["a\(index + 1)"])
        }
        layers[1999] = LayerSpec("a1999", Dense(units: 1), from: ["input"])
        let graph = try GraphCompiler.compile(NetworkSpec(layers: layers), inputs: reals)
        #expect(graph.nodes.first?.name == "a1999")
        #expect(graph.nodes.first?.fused.first == "a1998")
    }

    @Test(.timeLimit(.minutes(1))) func countlessMistakesAreCountedOnly() throws {
        let names = (0..<1900).map { "a\($0)" }
        let unused = names.map { LayerSpec($0, Dense(units: 1), from: ["input"]) }
        let unknown = names.map { LayerSpec($0, Dense(units: 1), from: ["somewhere"]) }
        for layers in [unused, unknown] {
            let error = #expect(throws: ConfigurationError.self) {
                try GraphCompiler.compile(
                    NetworkSpec(
                        layers: layers + [LayerSpec("end", Output(units: 1), from: ["input"])]),
                    inputs: reals)
            }
            #expect(error?.diagnostics.count == 100 && error?.omitted == 1800)
        }
    }
}
