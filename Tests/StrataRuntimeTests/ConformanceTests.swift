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
    /// Workers with unequal parts, as those of unequal speed have.
    private static let unequal = [
        WorkerTeam(count: 2, shares: [0.37, 0.63]), WorkerTeam(count: 4, shares: [5, 1, 0.3, 3]),
    ]

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

    /// In bfloat16 the reference's products read rounded numbers, too.
    ///
    /// What is left are sums of gradients, which only kernels round (0017), each by 2^-9 at most, and numbers that
    /// lie between two others to round to.
    @Test(arguments: types, [(Precision.float32, tolerance: 2e-5), (.bfloat16, tolerance: 8e-3)])
    func fastExecutorMatchesReference(
        type: String, _ precision: (Precision, tolerance: Double)
    ) throws {
        for (index, variation) in try variations(type, size: 17).enumerated()
        where variation.isSimple || index % 5 == 0 {
            for test in try ConformanceCases.cases(
                for: variation, batch: 4, seed: UInt64(1000 + index))
            {
                let differences = try ResultComparison.fastDifferences(
                    test, teams: [index % 2 == 0 ? Self.alone : Self.three],
                    precision: precision.0, tolerance: precision.tolerance)
                #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            }
        }
    }

    @Test(arguments: types, Precision.allCases)
    func workersAndRepetitionDoNotChangeBits(type: String, precision: Precision) throws {
        // Sequences enough for unequal workers to have unequal parts.
        for test in try simpleCases(type, steps: 3, batch: 17) {
            for (kernels, mode) in Kernels.all.flatMap({ kernels in
                ExecutionMode.allCases.map { (kernels, $0) }
            }) {
                let run = try FastRun(test, for: mode, kernels: kernels, precision: precision)
                let first = run.run(mode, team: Self.alone).bits
                for team in [Self.alone, Self.three] + Self.unequal {
                    try run.resetStates()
                    #expect(
                        run.run(mode, team: team).bits == first,
                        "\(test), \(kernels.name), \(team.count) workers, \(mode)")
                }
            }
        }
    }

    @Test(arguments: types, Precision.allCases)
    func twoWindowsEqualOneOfBoth(type: String, precision: Precision) throws {
        for test in try simpleCases(type, steps: 8, batch: 3)
        where test.graph.nodes.contains(where: { $0.plan.output.isSequence }) {
            func run(_ test: NetworkCase) throws -> FastRun {
                try FastRun(test, for: .inference, precision: precision)
            }
            let whole = try run(test).run(.inference, team: Self.alone)
            let first = try run(test.window(0..<4))
            let start = first.run(.inference, team: Self.alone)
            let second = try run(test.window(4..<8))
            try second.executor.setStates(first.executor.states())
            let end = second.run(.inference, team: Self.alone)
            let outputs = zip(start.outputs, end.outputs).flatMap { $0.values + $1.values }
            #expect(outputs == whole.outputs.flatMap(\.values), "\(test)")
            #expect(end.states.map(\.values) == whole.states.map(\.values), "\(test)")
        }
    }

    @Test(arguments: types, Precision.allCases)
    func orderOfSequencesDoesNotMatter(type: String, precision: Precision) throws {
        let order = [3, 0, 4, 1, 2]
        // Which values dropout drops depends on their place.
        for test in try simpleCases(type, steps: 3, batch: 5) where type != Dropout.type {
            func run(_ test: NetworkCase, _ mode: ExecutionMode) throws -> CaseResult {
                try FastRun(test, for: mode, precision: precision).run(mode, team: Self.alone)
            }
            let result = try run(test, .inference)
            let other = test.permuted(order)
            let permuted = try run(other, .inference)
            let wanted = test.permutedOutputs(of: result, order)
            #expect(permuted.outputs.map(\.values) == wanted.map(\.values), "\(test)")
            var (a, b) = (try run(other, .training), try run(test, .training))
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
