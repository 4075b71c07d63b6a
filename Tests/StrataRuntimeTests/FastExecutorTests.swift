import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// The kernels, the plan and the team against plain double precision.
@Suite(.serialized)
struct FastExecutorTests {
    private static let teams = [1, 2, 3, 4].map { WorkerTeam(count: $0) }

    @Test func recurrentLayersMatchReferenceAtAllSizes() throws {
        let sizes = [1, 7, 15, 16, 17, 33, 64, 100]
        for (index, units) in sizes.enumerated() {
            for peepholes in [false, true] {
                let seed = UInt64(index * 2 + (peepholes ? 1 : 0))
                var random = CaseRandom(seed: 900 + seed)
                let features = sizes.randomElement(using: &random) ?? 1
                let layer: any Layer = peepholes ? GravesLSTM(units: units) : LSTM(units: units)
                let usesTokens = seed % 3 == 0
                let graph = try GraphCompiler.compile(
                    NetworkSpec(layers: [
                        LayerSpec("first", layer), LayerSpec("second", layer),
                        LayerSpec("output", Output(units: 1 + features / 2)),
                    ]),
                    inputs: [
                        GraphInput(
                            "input",
                            TensorSpec(features: features, values: usesTokens ? .tokens : .real))
                    ])
                let test = NetworkCase.random(
                    "\(type(of: layer)) \(features) x \(units)", graph: graph,
                    steps: Int.random(in: 1...9, using: &random),
                    batch: Int.random(in: 1...(units > 60 ? 9 : 33), using: &random),
                    mask: MaskKind.allCases[index % 4], carriesStates: index % 2 == 0, seed: seed)
                let differences = try ResultComparison.fastDifferences(test, teams: Self.teams)
                #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            }
        }
    }

    @Test(arguments: 0..<60)
    func randomNetworksMatchReference(seed: UInt64) throws {
        var random = CaseRandom(seed: 7000 + seed)
        let network = RandomNetworks.network(seed: seed)
        let test = NetworkCase.random(
            "network \(seed)", graph: try network.compile(),
            steps: Int.random(in: 1...6, using: &random),
            batch: Int.random(in: 1...9, using: &random), mask: .none,
            carriesStates: seed % 2 == 0, usesClasses: seed % 3 > 0, seed: seed)
        let differences = try ResultComparison.fastDifferences(
            test, teams: [Self.teams[Int(seed % 4)]])
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }
}
