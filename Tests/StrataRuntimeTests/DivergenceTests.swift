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
        let place = try place(layers) {
            for index in $0.parameters[0].indices { $0.parameters[0][index] = 3e38 }
            $0.inputs = [.values([Float](repeating: 1, count: 2 * 5 * 3))]
        }
        #expect(place == "the output of layer 'lstm + drop'")
    }

    /// Memory that something later has taken may hold anything.
    @Test func onlyOutputsThatAreStillThereAreSearched() throws {
        var (kept, lost) = (0, 0)
        for seed in 0..<30 as Range<UInt64> {
            let graph = try RandomNetworks.network(seed: seed).compile()
            let plan = try Planner.plan(graph, steps: 5, batch: 5, for: .training)
            for index in graph.nodes.indices {
                guard let region = plan.regions[.output(index)] else { continue }
                let end = region.offset + region.count
                let takers = plan.regions.values.filter {
                    $0.live.lowerBound > region.live.upperBound && $0.offset < end
                        && $0.offset + $0.count > region.offset
                }
                #expect(plan.isKept(.output(index)) == takers.isEmpty)
                if takers.isEmpty { kept += 1 } else { lost += 1 }
            }
        }
        #expect(kept > 0 && lost > 0)
    }
}
