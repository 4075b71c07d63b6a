import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTestSupport
import Testing

/// What every layer of the catalog owes, whoever wrote it.
@Suite(.serialized)
struct ConformanceTests {
    private static let types = LayerCatalog.standard.kinds.map(\.type)
    private static let alone = WorkerTeam(count: 1)
    private static let three = WorkerTeam(count: 3)

    private func variations(_ type: String, size: Int) throws -> [LayerVariation] {
        let kind = try #require(LayerCatalog.standard.kind(named: type))
        return LayerVariation.variations(of: kind, size: size)
    }

    private func simpleCases(_ type: String, steps: Int, batch: Int) throws -> [NetworkCase] {
        try variations(type, size: 17).filter(\.isSimple).enumerated().flatMap {
            try ConformanceCases.cases(
                for: $1, steps: steps, batch: batch, seed: UInt64(2000 + $0))
        }
    }

    @Test(arguments: types)
    func fastExecutorMatchesReference(type: String) throws {
        for (index, variation) in try variations(type, size: 17).enumerated()
        where variation.isSimple || index % 5 == 0 {
            for test in try ConformanceCases.cases(
                for: variation, batch: 4, seed: UInt64(1000 + index))
            {
                let differences = try ResultComparison.fastDifferences(
                    test, teams: [index % 2 == 0 ? Self.alone : Self.three])
                #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            }
        }
    }

    @Test(arguments: types)
    func workersAndRepetitionDoNotChangeBits(type: String) throws {
        for test in try simpleCases(type, steps: 3, batch: 5) {
            for (kernels, mode) in Kernels.all.flatMap({ kernels in
                ExecutionMode.allCases.map { (kernels, $0) }
            }) {
                let run = try FastRun(test, for: mode, kernels: kernels)
                let first = run.run(mode, team: Self.alone).bits
                for team in [Self.alone, Self.three] {
                    try run.resetStates()
                    #expect(
                        run.run(mode, team: team).bits == first,
                        "\(test), \(kernels.name), \(team.count) workers, \(mode)")
                }
            }
        }
    }

    @Test(arguments: types)
    func twoWindowsEqualOneOfBoth(type: String) throws {
        for test in try simpleCases(type, steps: 8, batch: 3)
        where test.graph.nodes.contains(where: { $0.plan.output.isSequence }) {
            let whole = try FastRun(test, for: .inference).run(.inference, team: Self.alone)
            let first = try FastRun(test.window(0..<4), for: .inference)
            let start = first.run(.inference, team: Self.alone)
            let second = try FastRun(test.window(4..<8), for: .inference)
            try second.executor.setStates(first.executor.states())
            let end = second.run(.inference, team: Self.alone)
            let outputs = zip(start.outputs, end.outputs).flatMap { $0.values + $1.values }
            #expect(outputs == whole.outputs.flatMap(\.values), "\(test)")
            #expect(end.states.map(\.values) == whole.states.map(\.values), "\(test)")
        }
    }

    @Test(arguments: types)
    func orderOfSequencesDoesNotMatter(type: String) throws {
        let order = [3, 0, 4, 1, 2]
        // Which values dropout drops depends on their place.
        for test in try simpleCases(type, steps: 3, batch: 5) where type != Dropout.type {
            let result = try FastRun(test, for: .inference).run(.inference, team: Self.alone)
            let other = test.permuted(order)
            let permuted = try FastRun(other, for: .inference).run(.inference, team: Self.alone)
            let wanted = test.permutedOutputs(of: result, order)
            #expect(permuted.outputs.map(\.values) == wanted.map(\.values), "\(test)")
            var a = try FastRun(other).run(.training, team: Self.alone)
            var b = try FastRun(test).run(.training, team: Self.alone)
            (a.states, b.states) = ([], [])
            let differences = ResultComparison.differences(a, b, tolerance: 1e-5)
            #expect(differences.isEmpty, "\(test): \(differences)")
        }
    }

    @Test(arguments: types)
    func runsLeaveParametersUnchanged(type: String) throws {
        for test in try simpleCases(type, steps: 3, batch: 2).prefix(3) {
            for mode in [ExecutionMode.evaluation, .inference, .training] {
                let run = try FastRun(test, for: mode)
                let before = run.parameters.hash
                _ = run.run(mode, team: Self.three)
                #expect(run.parameters.hash == before)
            }
        }
    }
}
