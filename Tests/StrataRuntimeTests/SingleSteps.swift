import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import Testing

/// A small network of every kind of product with weights, fed for a few windows.
struct SingleSteps {
    let graph: Graph

    init(units: Int) throws {
        graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("lstm", LSTM(units: units)),
                LayerSpec("graves", GravesLSTM(units: units, activation: .softsign)),
                LayerSpec("dense", Dense(units: units + 2, activation: .gelu)),
                LayerSpec("output", Output(units: 5)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 3))])
    }

    /// Products alone, without the cells and activations whose bits differ between instruction sets.
    init(productsOf units: Int) throws {
        graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("dense", Dense(units: units, activation: .relu)),
                LayerSpec("output", Output(units: 5, activation: .identity, loss: .mse)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 3))])
    }

    func plan(
        steps: Int = 1, batch: Int = 1, precision: Precision = .float32
    ) throws -> ExecutionPlan {
        try Planner.plan(graph, steps: steps, batch: batch, for: .inference, precision: precision)
    }

    func parameters() throws -> ParameterStore {
        let parameters = try ParameterStore(graph: graph)
        parameters.initialize(seed: 5)
        return parameters
    }

    /// Parameters whose matrices are rounded in a way; the rest is as it was.
    func parameters(rounding: ([Float], _ columns: Int) -> [Float]) throws -> ParameterStore {
        let parameters = try parameters()
        for entry in parameters.entries where [".W", ".R"].contains(entry.name.suffix(2)) {
            let columns = try #require(entry.spec.shape.last)
            parameters.write(entry, rounding(parameters.read(entry), columns))
        }
        return parameters
    }

    /// The outputs of windows with rounded weights, of the same with matrices that were rounded before, and of
    /// those with neither.
    func roundedOutputs(
        _ name: String, _ weights: WeightPrecision, steps: Int = 1, batch: Int = 1,
        rounding: ([Float], _ columns: Int) -> [Float]
    ) throws -> (asked: [Float], reference: [Float], float32: [Float]) {
        let kernels = try #require(Kernels.named(name))
        let plan = try plan(steps: steps, batch: batch)
        let (exact, rounded) = (try parameters(), try parameters(rounding: rounding))
        return try (
            outputs(Executor(plan: plan, parameters: exact, kernels: kernels, weights: weights)),
            outputs(Executor(plan: plan, parameters: rounded, kernels: kernels)),
            outputs(Executor(plan: plan, parameters: exact, kernels: kernels))
        )
    }

    /// The outputs of a few windows, one after the other, carrying the states.
    func outputs(_ executor: Executor, workers: Int = 1) throws -> [Float] {
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
}
