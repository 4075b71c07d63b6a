import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTestSupport
import Testing

/// Every layer of the catalog, with functions of single values behind it, against the same without fusion.
@Suite(.serialized)
struct FusionTests {
    private static let teams = [WorkerTeam(count: 1), WorkerTeam(count: 3, shares: [1, 2, 4])]

    private static let chains: [[any Layer]] = [
        [Dropout(rate: 0.4)], [ActivationLayer(.tanh)], [ActivationLayer(.gelu)],
        [ActivationLayer(.relu), Dropout(rate: 0.4)],
        [Dropout(rate: 0.4), ActivationLayer(.sigmoid)],
        [Dropout(rate: 0.4), ActivationLayer(.swish), Dropout(rate: 0.2)],
        [ActivationLayer(.softsign), ActivationLayer(.identity), Dropout(rate: 0)],
    ]

    /// The kinds of layers that can take functions in.
    private static let fusing: Set = [
        "activation", "dense", "dropout", "embedding", "graves_lstm", "lstm",
    ]

    /// An embedding has no place for what gradients of these would read.
    private static let leftByEmbedding = [
        [], [], ["function0"], ["function1"], [], ["function1"], [],
    ]

    private func layers(
        _ layer: any Layer, reading input: TensorSpec, before chain: [any Layer]
    ) -> [LayerSpec] {
        var layers = [LayerSpec("layer", layer)]
        // So that gradients pass through the layer; a softmax does not take it in.
        if input.values == .real {
            layers.insert(LayerSpec("before", Dense(units: 4, activation: .softmax)), at: 0)
        }
        layers += chain.enumerated().map { LayerSpec("function\($0)", $1) }
        return layers + [LayerSpec("output", Output(units: 2, activation: .identity, loss: .mse))]
    }

    private func compile(
        _ layers: [LayerSpec], _ input: TensorSpec, fuses: Bool
    ) throws -> Graph {
        try GraphCompiler.compile(
            NetworkSpec(layers: layers), inputs: [GraphInput("input", input)], fuses: fuses)
    }

    /// The layers of a kind that can stand before others, and what they read.
    private func layersAndInputs(
        _ type: String
    ) throws -> [(layer: any Layer, input: TensorSpec)] {
        let kind = try #require(LayerCatalog.standard.kinds.first { $0.type == type })
        let inputs = [TensorSpec(features: 5), TensorSpec(features: 5, values: .tokens)]
        return LayerVariation.variations(of: kind, size: 33).filter(\.isSimple).flatMap {
            variation in
            inputs.compactMap { input in
                let isPossible =
                    !(variation.layer is any LossLayer)
                    && (try? variation.layer.plan(inputs: [input])) != nil
                return isPossible ? (variation.layer, input) : nil
            }
        }
    }

    /// The functions that stay nodes of their own behind a layer, where they take the next ones in.
    private func functionsLeft(
        behind layer: any Layer, _ type: String, chain: Int
    ) -> [String] {
        let isSoftmax = layer.config["activation"] == .string("softmax")
        // An identity vanishes, and what it read does not take functions in.
        let isNothing = type == "activation" && layer.config["activation"] == .string("identity")
        guard Self.fusing.contains(type), !isSoftmax, !isNothing else { return ["function0"] }
        return type == "embedding" ? Self.leftByEmbedding[chain] : []
    }

    @Test(arguments: LayerCatalog.standard.kinds.map(\.type), Precision.allCases)
    func fusedFunctionsHaveTheSameBits(type: String, precision: Precision) throws {
        for (index, (layer, input)) in try layersAndInputs(type).enumerated() {
            // All chains and kernels with the first, one of each with its variations.
            let all = Self.chains.indices
            let chains = index == 0 ? Array(all) : [index % all.count]
            let kernels = index == 0 ? Kernels.all : [.best]
            for number in chains {
                let chain = Self.chains[number]
                let layers = layers(layer, reading: input, before: chain)
                let graph = try compile(layers, input, fuses: true)
                let left = functionsLeft(behind: layer, type, chain: number)
                #expect(graph.nodes.map(\.name).filter { $0.hasPrefix("function") } == left)
                func results(fuses: Bool) throws -> [[UInt64]] {
                    let test = NetworkCase.random(
                        "\(layer.config.json())", graph: try compile(layers, input, fuses: fuses),
                        steps: 3, batch: 5, mask: .holes, carriesStates: true, seed: 3)
                    return try kernels.flatMap { kernels in
                        try ExecutionMode.allCases.map { mode in
                            let run = try FastRun(
                                test, for: mode, kernels: kernels, precision: precision)
                            let bits = run.run(mode, team: Self.teams[0]).bits
                            try run.resetStates()
                            #expect(run.run(mode, team: Self.teams[1]).bits == bits, "\(test)")
                            return bits
                        }
                    }
                }
                #expect(
                    try results(fuses: true) == results(fuses: false),
                    "\(layer.config.json()) before \(chain.map { $0.config.json() })")
            }
        }
    }

    /// A product of a single row is another kernel, and one with rounded weights yet another.
    @Test(arguments: LayerCatalog.standard.kinds.map(\.type), WeightPrecision.allCases)
    func singleStepsHaveTheSameBits(type: String, weights: WeightPrecision) throws {
        for (layer, input) in try layersAndInputs(type).prefix(2) {
            let layers = layers(layer, reading: input, before: [ActivationLayer(.swish)])
            let results = try [true, false].map { fuses in
                let test = NetworkCase.random(
                    "", graph: try compile(layers, input, fuses: fuses), steps: 1, batch: 1,
                    carriesStates: true, seed: 3)
                return try Kernels.all.map { kernels in
                    try FastRun(test, for: .inference, kernels: kernels, weights: weights)
                        .run(.inference, team: Self.teams[0]).bits
                }
            }
            #expect(results[0] == results[1])
        }
    }

    @Test(arguments: LayerCatalog.standard.kinds.map(\.type))
    func fusedFunctionsHaveTheSameReference(type: String) throws {
        for (layer, input) in try layersAndInputs(type).prefix(2) {
            for chain in Self.chains {
                let layers = layers(layer, reading: input, before: chain)
                let results = try [true, false].map { fuses in
                    NetworkCase.random(
                        "", graph: try compile(layers, input, fuses: fuses), steps: 3, batch: 5,
                        mask: .holes, carriesStates: true, seed: 3
                    ).reference(.training).bits
                }
                #expect(results[0] == results[1])
            }
        }
    }

    @Test func layersThatCanTakeFunctionsIn() throws {
        let taking = try LayerCatalog.standard.kinds.map(\.type).filter { type in
            try layersAndInputs(type).contains { layer, input in
                let chain = [Dropout(rate: 0.4)]
                let graph = try compile(
                    layers(layer, reading: input, before: chain), input, fuses: true)
                return !graph.nodes.contains { $0.name == "function0" }
            }
        }
        #expect(Set(taking) == Self.fusing)
    }

    /// Three behind a layer, as kernels do four at once and one place is for a function of the layer's own.
    @Test(arguments: [Dense(units: 3, activation: .gelu), LSTM(units: 3)] as [any Layer])
    func longChainsAreCut(layer: any Layer) throws {
        let chain = (0..<9).map { _ in Dropout(rate: 0.1) }
        let input = TensorSpec(features: 5)
        let layers = layers(layer, reading: input, before: chain)
        let graph = try compile(layers, input, fuses: true)
        #expect(
            graph.nodes.map(\.name) == ["before", "layer", "function3", "function7", "output"])
        #expect(
            graph.nodes.map(\.fused.count) == [0, 3, 3, 1, 0]
                && graph.nodes[2].fused == ["function4", "function5", "function6"])
        let bits = try [graph, compile(layers, input, fuses: false)].map { graph in
            let test = NetworkCase.random("", graph: graph, steps: 2, batch: 3, seed: 4)
            return try FastRun(test).run(.training, team: Self.teams[0]).bits
        }
        #expect(bits[0] == bits[1])
    }

    /// They do nothing, so that a softmax behind them still becomes a dense layer's activation.
    @Test(arguments: [ActivationLayer(.identity), Dropout(rate: 0)] as [any Layer])
    func functionsThatDoNothingVanish(function: any Layer) throws {
        let chain: [any Layer] = [function, ActivationLayer(.softmax)]
        let input = TensorSpec(features: 5)
        let graph = try compile(
            layers(Dense(units: 3), reading: input, before: chain), input, fuses: true)
        #expect(graph.nodes.map(\.name) == ["before", "layer", "output"])
        #expect(graph.nodes[1].layer as? Dense == Dense(units: 3, activation: .softmax))
    }

    /// Whatever reads a layer beside a function has its output, not the function's.
    @Test func whatOthersReadIsNotFused() throws {
        let input = TensorSpec(features: 5)
        var layers = layers(LSTM(units: 3), reading: input, before: [Dropout(rate: 0.5)])
        layers[layers.count - 1].from = ["layer", "function0"]
        let graph = try compile(layers, input, fuses: true)
        #expect(graph.nodes.map(\.name).contains("function0"))
    }
}
