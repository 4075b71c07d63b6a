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
    private static let teams = [1, 3].map { WorkerTeam(count: $0) }

    private static let chains: [[any Layer]] = [
        [Dropout(rate: 0.4)], [ActivationLayer(.tanh)], [ActivationLayer(.gelu)],
        [ActivationLayer(.relu), Dropout(rate: 0.4)],
        [Dropout(rate: 0.4), ActivationLayer(.sigmoid)],
        [Dropout(rate: 0.4), ActivationLayer(.swish), Dropout(rate: 0.2)],
        [ActivationLayer(.identity), ActivationLayer(.softsign)],
    ]

    private func layers(
        _ layer: any Layer, reading input: TensorSpec, before chain: [any Layer]
    ) -> [LayerSpec] {
        // So that gradients pass through the layer.
        var layers = [LayerSpec("layer", layer)]
        if input.values == .real { layers.insert(LayerSpec("before", Dense(units: 4)), at: 0) }
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

    @Test(arguments: LayerCatalog.standard.kinds.map(\.type), Precision.allCases)
    func fusedFunctionsHaveTheSameBits(type: String, precision: Precision) throws {
        for (index, (layer, input)) in try layersAndInputs(type).enumerated() {
            // All chains and kernels with the first, one of each with its variations.
            let chains = index == 0 ? Self.chains : [Self.chains[index % Self.chains.count]]
            let kernels = index == 0 ? Kernels.all : [.best]
            for chain in chains {
                let layers = layers(layer, reading: input, before: chain)
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
        #expect(
            taking.sorted() == [
                "activation", "dense", "dropout", "embedding", "graves_lstm", "lstm",
            ])
    }

    /// As many as kernels do at once, and the others in nodes of their own.
    @Test func longChainsAreCut() throws {
        let chain = (0..<9).map { _ in Dropout(rate: 0.1) }
        let input = TensorSpec(features: 5)
        let graph = try compile(
            layers(LSTM(units: 3), reading: input, before: chain), input, fuses: true)
        #expect(
            graph.nodes.map(\.name) == ["before", "layer", "function3", "function7", "output"])
        #expect(
            graph.nodes.map(\.fused.count) == [0, 3, 3, 1, 0]
                && graph.nodes[2].fused == ["function4", "function5", "function6"])
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
