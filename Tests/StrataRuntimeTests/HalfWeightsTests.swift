import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import Testing

/// Steps of inference with weights in bfloat16.
@Suite struct HalfWeightsTests {
    private func graph(units: Int) throws -> Graph {
        try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("lstm", LSTM(units: units)),
                LayerSpec("graves", GravesLSTM(units: units, activation: .softsign)),
                LayerSpec("dense", Dense(units: units + 2, activation: .gelu)),
                LayerSpec("output", Output(units: 5)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 3))])
    }

    private func parameters(_ graph: Graph) throws -> ParameterStore {
        let parameters = try ParameterStore(graph: graph)
        parameters.initialize(seed: 5)
        return parameters
    }

    /// The outputs of a few windows, one after the other, carrying the states.
    private func outputs(_ executor: Executor, workers: Int = 1) throws -> [Float] {
        let team = WorkerTeam(count: workers)
        let input = try #require(executor.values(ofInput: 0))
        let result = executor.output(ofNode: try #require(executor.plan.graph.outputs.first))
        var values: [Float] = []
        for window in 0..<4 {
            for row in 0..<input.rows {
                for feature in 0..<3 {
                    input.row(row)[feature] = Float((window + row * 5 + feature * 3) % 7) / 4 - 0.7
                }
            }
            executor.begin(.inference)
            team.run { executor.execute($0) }
            for row in 0..<result.rows {
                values += UnsafeBufferPointer(start: result.row(row), count: result.features)
            }
        }
        return values
    }

    private func roundedToHalf(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }

    @Test(arguments: Kernels.all.map(\.name), [1, 7, 16, 33, 64, 100])
    func stepsEqualThoseOfRoundedMatrices(_ name: String, units: Int) throws {
        let kernels = try #require(Kernels.named(name))
        let graph = try graph(units: units)
        let plan = try Planner.plan(graph, steps: 1, batch: 1, for: .inference)
        let (exact, rounded) = (try parameters(graph), try parameters(graph))
        for entry in rounded.entries where [".W", ".R"].contains(String(entry.name.suffix(2))) {
            rounded.write(entry, rounded.read(entry).map(roundedToHalf))
        }
        let halved = try outputs(
            Executor(plan: plan, parameters: exact, kernels: kernels, weights: .bfloat16))
        let reference = try outputs(Executor(plan: plan, parameters: rounded, kernels: kernels))
        let float32 = try outputs(Executor(plan: plan, parameters: exact, kernels: kernels))
        #expect(halved.map(\.bitPattern) == reference.map(\.bitPattern))
        #expect(halved != float32)
        #expect(zip(halved, float32).allSatisfy { abs($0 - $1) < 0.02 })
    }

    @Test func stepsDoNotDependOnTheNumberOfWorkers() throws {
        let graph = try graph(units: 100)
        let plan = try Planner.plan(graph, steps: 1, batch: 1, for: .inference)
        let parameters = try parameters(graph)
        let alone = try outputs(
            Executor(plan: plan, parameters: parameters, weights: .bfloat16))
        for workers in 2...4 {
            let shared = try outputs(
                Executor(plan: plan, parameters: parameters, weights: .bfloat16),
                workers: workers)
            #expect(shared.map(\.bitPattern) == alone.map(\.bitPattern))
        }
    }

    @Test(arguments: [(2, 1), (1, 2)])
    func windowsOfSeveralRowsKeepFloat32(steps: Int, batch: Int) throws {
        let graph = try graph(units: 16)
        let plan = try Planner.plan(graph, steps: steps, batch: batch, for: .inference)
        let parameters = try parameters(graph)
        let asked = try outputs(
            Executor(plan: plan, parameters: parameters, weights: .bfloat16))
        let float32 = try outputs(Executor(plan: plan, parameters: parameters))
        #expect(asked.map(\.bitPattern) == float32.map(\.bitPattern))
    }
}
