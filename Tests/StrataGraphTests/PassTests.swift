import StrataGraph
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTestSupport
import Testing

/// Passes that change a graph but not what it computes.
struct PassTests {
    private let inputs = [GraphInput("input", TensorSpec(features: 4))]
    private let team = WorkerTeam(count: 2)

    private func compile(_ layers: [LayerSpec], fuses: Bool = true) throws -> Graph {
        try GraphCompiler.compile(NetworkSpec(layers: layers), inputs: inputs, fuses: fuses)
    }

    private var output: LayerSpec {
        LayerSpec("output", Output(units: 2, activation: .identity, loss: .mse))
    }

    @Test(arguments: Activation.allCases)
    func fusedLayersComputeTheSame(activation: Activation) throws {
        let layers = [
            LayerSpec("dense", Dense(units: 5)), LayerSpec("act", ActivationLayer(activation)),
            output,
        ]
        let (fused, plain) = (try compile(layers), try compile(layers, fuses: false))
        #expect(fused.nodes.map(\.name) == ["dense", "output"])
        #expect(plain.nodes.map(\.name) == ["dense", "act", "output"])
        func results(_ graph: Graph) throws -> CaseResult {
            let test = NetworkCase.random("fusion", graph: graph, steps: 3, batch: 4, seed: 5)
            var result = try FastRun(test).run(.training, team: team)
            result.outputs = try FastRun(test, for: .inference).run(.inference, team: team).outputs
            return result
        }
        let differences = ResultComparison.differences(
            try results(fused), try results(plain), tolerance: 1e-6)
        #expect(differences.isEmpty, "\(differences)")
    }

    @Test func layersThatOthersReadAreNotFused() throws {
        let graph = try compile([
            LayerSpec("dense", Dense(units: 5)), LayerSpec("act", ActivationLayer(.tanh)),
            LayerSpec("output", Output(units: 2), from: ["act", "dense"]),
        ])
        #expect(graph.nodes.map(\.name) == ["dense", "act", "output_inputs", "output"])
    }

    @Test func endsOfANetworkKeepTheirNames() throws {
        let graph = try compile([
            LayerSpec("dense", Dense(units: 5)), LayerSpec("act", ActivationLayer(.tanh)),
        ])
        #expect(graph.nodes.map(\.name) == ["dense", "act"])
    }

    @Test func layersRunAfterThoseTheyRead() throws {
        let graph = try compile([
            LayerSpec("output", Output(units: 2), from: ["b", "a"]),
            LayerSpec("b", Dense(units: 3), from: ["a"]),
            LayerSpec("a", Dense(units: 3), from: ["input"]),
        ])
        #expect(graph.nodes.map(\.name) == ["a", "b", "output_inputs", "output"])
        #expect(
            graph.nodes.map(\.inputs) == [
                [.input(0)], [.node(0)], [.node(1), .node(0)], [.node(2)],
            ])
        #expect(graph.outputs == [3])
    }

    @Test(arguments: 0..<30)
    func orderOfTheFileDoesNotMatter(seed: UInt64) throws {
        var network = RandomNetworks.network(seed: seed)
        let first = NetworkCase.random(
            "in order", graph: try network.compile(fuses: false), steps: 3, batch: 2, seed: seed)
        network.spec.layers.reverse()
        let graph = try network.compile(fuses: false)
        var second = first
        second.graph = graph
        second.parameters = graph.parameters.map { parameter in
            let index = first.graph.parameters.firstIndex { $0.name == parameter.name }
            return index.map { first.parameters[$0] } ?? []
        }
        second.targets = Dictionary(
            uniqueKeysWithValues: first.targets.map { node, target in
                let name = first.graph.nodes[node].name
                return (graph.nodes.firstIndex { $0.name == name } ?? -1, target)
            })
        func sorted(_ test: NetworkCase) throws -> [CaseResult.Values] {
            let trained = try FastRun(test).run(.training, team: team)
            let result = try FastRun(test, for: .inference).run(.inference, team: team)
            return (result.outputs + result.states + trained.states).sorted { $0.name < $1.name }
        }
        let (a, b) = (try sorted(first), try sorted(second))
        #expect(a.map(\.name) == b.map(\.name))
        #expect(a.map(\.values) == b.map(\.values))
    }

    @Test func outputsAreTheLossesOrTheEnds() throws {
        let two = try compile([
            LayerSpec("body", Dense(units: 3)),
            LayerSpec("x", Output(units: 2), from: ["body"]),
            LayerSpec("y", Output(units: 3), from: ["body"]),
        ])
        #expect(two.outputs.map { two.nodes[$0].name } == ["x", "y"])
        let ends = try compile([
            LayerSpec("a", Dense(units: 3)), LayerSpec("b", Dense(units: 2), from: ["input"]),
        ])
        #expect(ends.outputs == [0, 1])
    }
}
