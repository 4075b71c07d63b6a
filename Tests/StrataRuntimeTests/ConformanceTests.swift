import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// What every layer of the catalog owes, whoever wrote it.
@Suite(.serialized)
struct ConformanceTests {
    private static let teams = [1, 3].map { WorkerTeam(count: $0) }

    private func variations(_ type: String, size: Int) throws -> [LayerVariation] {
        let kind = try #require(LayerCatalog.standard.kind(named: type))
        return LayerVariation.variations(of: kind, size: size)
    }

    @Test(arguments: LayerCatalog.standard.kinds.map(\.type))
    func fastExecutorMatchesReference(type: String) throws {
        for (index, variation) in try variations(type, size: 17).enumerated() {
            for test in try ConformanceCases.cases(
                for: variation, batch: 5, seed: UInt64(1000 + index))
            {
                let differences = try ResultComparison.fastDifferences(test, teams: Self.teams)
                #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            }
        }
    }
}
