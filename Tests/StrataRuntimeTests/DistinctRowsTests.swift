import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// Embeddings of which only the distinct rows are stored, since recurrent layers read them.
@Suite(.serialized)
struct DistinctRowsTests {
    private static let teams = [1, 2, 3].map { WorkerTeam(count: $0) }

    /// What reads the embedding 'table'.
    private enum Readers: CaseIterable {
        case lstm, graves, both

        var layers: [LayerSpec] {
            switch self {
            case .lstm: [LayerSpec("lstm", LSTM(units: 20))]
            case .graves: [LayerSpec("graves", GravesLSTM(units: 33))]
            case .both:
                [
                    LayerSpec("lstm", LSTM(units: 9), from: ["table"]),
                    LayerSpec("graves", GravesLSTM(units: 20), from: ["table"]),
                    LayerSpec("joined", Dense(units: 7), from: ["lstm", "graves"]),
                ]
            }
        }
    }

    private static func test(
        _ readers: Readers, units: Int, classes: Int = 6, mask: MaskKind = .none
    ) throws -> NetworkCase {
        let graph = try GraphCompiler.compile(
            NetworkSpec(
                layers: [LayerSpec("table", Embedding(units: units))] + readers.layers
                    + [LayerSpec("next", Output(units: 4))]),
            inputs: [GraphInput("input", TensorSpec(features: classes, values: .tokens))])
        return NetworkCase.random(
            "\(readers) on \(units), mask \(mask)", graph: graph, steps: 5, batch: 7, mask: mask,
            carriesStates: true, seed: UInt64(units))
    }

    /// Makes sure that the cases are of the kind that the suite is about.
    private static func requireTable(_ plan: ExecutionPlan) throws {
        let table = try #require(plan.graph.nodes.first { $0.name == "table" })
        try #require(table.plan.output.distinctRows != nil)
    }

    @Test(arguments: [1, 16, 19])
    func resultsMatchTheReference(units: Int) throws {
        for readers in Readers.allCases {
            for mask in MaskKind.allCases {
                let test = try Self.test(readers, units: units, mask: mask)
                try Self.requireTable(FastRun(test).executor.plan)
                let differences = try ResultComparison.fastDifferences(test, teams: Self.teams)
                #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            }
        }
    }

    @Test(arguments: Precision.allCases)
    func bitsDoNotDependOnTheNumberOfWorkers(precision: Precision) throws {
        for readers in Readers.allCases {
            let test = try Self.test(readers, units: 19, mask: .holes)
            for kernels in Kernels.all {
                let run = try FastRun(test, kernels: kernels, precision: precision)
                try Self.requireTable(run.executor.plan)
                let first = run.run(.training, team: Self.teams[0]).bits
                for team in Self.teams.dropFirst() {
                    try run.resetStates()
                    #expect(
                        run.run(.training, team: team).bits == first,
                        "\(test), \(kernels.name), \(team.count) workers")
                }
            }
        }
    }

    /// An odd number of classes leaves half a pair over.
    @Test(arguments: [1, 16, 19], [6, 7])
    func resultsInBFloat16AreNearTheReference(units: Int, classes: Int) throws {
        for readers in Readers.allCases {
            let test = try Self.test(readers, units: units, classes: classes, mask: .ragged)
            for mode in [ExecutionMode.training, .evaluation, .inference] {
                let expected = test.reference(mode)
                for kernels in Kernels.all {
                    let run = try FastRun(test, for: mode, kernels: kernels, precision: .bfloat16)
                    try Self.requireTable(run.executor.plan)
                    let far = ResultComparison.differences(
                        run.run(mode, team: Self.teams[1]), expected, tolerance: 0.02)
                    #expect(far.isEmpty, "\(test), \(kernels.name), \(mode): \(far)")
                }
            }
        }
    }
}
