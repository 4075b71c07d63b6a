import StrataGraph
import StrataLayers
import StrataSchema
import StrataTestSupport
import Testing

/// The reference's gradients against finite differences of its loss.
struct GradientTests {
    @Test(arguments: LayerCatalog.standard.kinds.map(\.type))
    func tapeMatchesFiniteDifferences(type: String) throws {
        let kind = try #require(LayerCatalog.standard.kind(named: type))
        var count = 0
        for (index, variation) in LayerVariation.variations(of: kind, size: 3).enumerated()
        where variation.isSimple || index % 3 == 0 {
            for test in try ConformanceCases.cases(for: variation, seed: UInt64(index)) {
                let problems = GradientCheck.problems(
                    in: test, samples: variation.isSimple ? nil : 2)
                #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
                count += 1
            }
        }
        #expect(count > 0, "no input suits the layer")
    }

    @Test(arguments: 0..<40)
    func tapeOfRandomNetworksMatchesFiniteDifferences(seed: UInt64) throws {
        let network = RandomNetworks.network(seed: 500 + seed, units: [1, 2, 3, 4])
        let test = NetworkCase.random(
            "network \(500 + seed)", graph: try network.compile(), steps: 3, batch: 2,
            mask: MaskKind.allCases[Int(seed % 4)], carriesStates: seed % 2 == 0,
            usesClasses: seed % 3 > 0, seed: seed)
        let problems = GradientCheck.problems(in: test, samples: 4)
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }
}
