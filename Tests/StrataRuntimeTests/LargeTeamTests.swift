import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// Teams of far more workers than cores, and than some kinds of work have parts.
@Suite(.serialized)
struct LargeTeamTests {
    private static let alone = WorkerTeam(count: 1)

    /// Every kind of work that workers share, with few sequences (units are shared) or many.
    private func network(batch: Int) throws -> NetworkCase {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("embed", Embedding(units: 20)),
                LayerSpec("first", LSTM(units: 40)),
                LayerSpec("between", Dense(units: 70, activation: .gelu)),
                LayerSpec("second", GravesLSTM(units: 33)), LayerSpec("output", Output(units: 9)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 9, values: .tokens))])
        return NetworkCase.random(
            "\(batch) sequences", graph: graph, steps: 3, batch: batch, mask: .holes,
            carriesStates: true, seed: UInt64(batch))
    }

    @Test(arguments: [16, 64], Precision.allCases)
    func bitsAreThoseOfOneWorker(workers: Int, precision: Precision) throws {
        let team = WorkerTeam(count: workers)
        #expect(team.count == workers)
        for batch in [1, 3, 16 * workers + 4] {
            let test = try network(batch: batch)
            for mode in [ExecutionMode.training, .inference] {
                let run = try FastRun(test, for: mode, precision: precision)
                let first = run.run(mode, team: Self.alone).bits
                for _ in 0..<2 {
                    try run.resetStates()
                    #expect(run.run(mode, team: team).bits == first, "\(test), \(mode)")
                }
            }
        }
    }
}
