import StrataGraph
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// What is said of numbers that are not finite.
struct DivergenceTests {
    /// The place that is found after a training run whose parameters are changed before.
    private func place(
        _ layers: [LayerSpec], _ change: (inout NetworkCase) -> Void
    ) throws -> String? {
        let graph = try GraphCompiler.compile(
            NetworkSpec(
                layers: layers
                    + [LayerSpec("output", Output(units: 2, activation: .identity, loss: .mse))]),
            inputs: [GraphInput("input", TensorSpec(features: 3))])
        var test = NetworkCase.random("divergence", graph: graph, steps: 2, batch: 5, seed: 1)
        change(&test)
        let run = try FastRun(test)
        _ = run.run(.training, team: WorkerTeam(count: 1))
        return run.executor.firstNonFinite()
    }

    private let layers = [
        LayerSpec("lstm", LSTM(units: 4, activation: .relu)),
        LayerSpec("drop", Dropout(rate: 0.3)),
    ]

    @Test func finiteNumbersAreNotReported() throws {
        #expect(try place(layers) { _ in } == nil)
    }

    @Test func parametersComeFirst() throws {
        let place = try place(layers) { $0.parameters[1][3] = .infinity }
        #expect(place == "the parameter 'lstm.R'")
    }

    @Test func outputsAreNamedWithTheLayersThatMakeThem() throws {
        let layers = [LayerSpec("dense", Dense(units: 4)), LayerSpec("drop", Dropout(rate: 0.3))]
        let place = try place(layers, Self.overflow)
        #expect(place == "the output of layer 'dense + drop'")
    }

    /// A function behind the layer may make an infinite state a finite output.
    @Test func statesAreSearchedBeforeOutputs() throws {
        let squashed = [layers[0], LayerSpec("squash", ActivationLayer(.sigmoid))]
        for layers in [layers, squashed] {
            #expect(try place(layers, Self.overflow)?.hasPrefix("the state 'lstm.") == true)
        }
    }

    private static func overflow(_ test: inout NetworkCase) {
        for index in test.parameters[0].indices { test.parameters[0][index] = 3e38 }
        test.inputs = [.values([Float](repeating: 1, count: 2 * 5 * 3))]
    }

    /// Memory that something later has taken may hold anything.
    @Test func onlyOutputsThatAreStillThereAreSearched() throws {
        var (kept, lost) = (0, 0)
        for seed in 0..<30 as Range<UInt64> {
            let test = NetworkCase.random(
                "", graph: try RandomNetworks.network(seed: seed).compile(), steps: 5, batch: 5,
                seed: seed)
            for (index, node) in test.graph.nodes.enumerated() where node.lossLayer == nil {
                let run = try FastRun(test)
                _ = run.run(.training, team: WorkerTeam(count: 1))
                let view = run.executor.output(ofNode: index)
                for row in 0..<view.rows { view.row(row)[0] = .nan }
                let place = run.executor.firstNonFinite()
                if run.executor.plan.isKept(.output(index)) {
                    kept += 1
                    #expect(place == "the output of layer '\(node.nameWithFused)'")
                } else {
                    lost += 1
                    #expect(place != "the output of layer '\(node.nameWithFused)'")
                }
            }
        }
        #expect(kept > 0 && lost > 0)
    }
}
