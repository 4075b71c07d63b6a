import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// The kernels, the plan and the team against plain double precision.
@Suite(.serialized)
struct FastExecutorTests {
    private static let teams =
        [1, 2, 3, 4].map { WorkerTeam(count: $0) }
        + [[0.3, 0.7], [4, 1, 2, 1]].map { WorkerTeam(count: $0.count, shares: $0) }
    private static let sizes = [1, 7, 15, 16, 17, 33, 64, 100]

    private func recurrentCase(_ index: Int, units: Int) throws -> NetworkCase {
        var random = CaseRandom(seed: UInt64(900 + index))
        let features = Self.sizes.randomElement(using: &random) ?? 1
        let layer: any Layer = index % 2 == 0 ? LSTM(units: units) : GravesLSTM(units: units)
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("first", layer), LayerSpec("second", layer),
                LayerSpec("output", Output(units: 1 + features / 2)),
            ]),
            inputs: [
                GraphInput(
                    "input",
                    TensorSpec(features: features, values: index % 3 == 0 ? .tokens : .real))
            ])
        return NetworkCase.random(
            "\(type(of: layer)) \(features) x \(units)", graph: graph,
            steps: Int.random(in: 1...9, using: &random),
            batch: Int.random(in: 1...(units > 60 ? 13 : 33), using: &random),
            mask: MaskKind.allCases[index / 2 % 4], carriesStates: index % 5 < 3,
            seed: UInt64(index))
    }

    @Test(arguments: sizes)
    func recurrentLayersMatchReference(units: Int) throws {
        for variant in 0..<4 {
            let index = units * 4 + variant
            let test = try recurrentCase(index, units: units)
            // Every number of workers at every size; the slow reference runs once for all.
            let differences = try ResultComparison.fastDifferences(test, teams: Self.teams)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
        }
    }

    /// Below some sequences for each worker a recurrent layer shares its units, above them not.
    @Test(arguments: [31, 32, 33, 48, 65], MaskKind.allCases)
    func bitsDoNotDependOnWhatARecurrentLayerShares(batch: Int, mask: MaskKind) throws {
        let layer = GravesLSTM(units: 33)
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("first", layer), LayerSpec("drop", Dropout(rate: 0.3)),
                LayerSpec("second", layer), LayerSpec("gelu", ActivationLayer(.gelu)),
                LayerSpec("output", Output(units: 3)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 9))])
        let test = NetworkCase.random(
            "shared", graph: graph, steps: 4, batch: batch, mask: mask, carriesStates: true,
            seed: UInt64(batch))
        for kernels in Kernels.all {
            let run = try FastRun(test, kernels: kernels)
            let first = run.run(.training, team: Self.teams[0]).bits
            for team in Self.teams.dropFirst() {
                try run.resetStates()
                #expect(run.run(.training, team: team).bits == first, "\(team.count) workers")
            }
        }
    }

    /// Three steps with sequences enough for two workers to share nothing else.
    private static func wideCase(units: Int) throws -> NetworkCase {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("cell", LSTM(units: units)), LayerSpec("swish", ActivationLayer(.swish)),
                LayerSpec("drop", Dropout(rate: 0.3)), LayerSpec("output", Output(units: 3)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 5))])
        return NetworkCase.random(
            "\(units) units", graph: graph, steps: 3, batch: 33, mask: .holes, carriesStates: true,
            seed: UInt64(units))
    }

    @Test func unitsAreSharedWhereAWorkersCacheDoesNotHoldTheWeights() throws {
        func barriers(units: Int) throws -> Int {
            let executor = try FastRun(Self.wideCase(units: units)).executor
            let timeline = Timeline(capacity: 1 << 10)
            executor.begin(.training)
            executor.execute(Worker(rehearsing: 1, of: 2, timeline: timeline))
            return timeline.events.count { if case .barrier = $0.kind { true } else { false } }
        }
        // Then all meet after each of three steps forward, and twice for each backward.
        #expect(try barriers(units: 129) == barriers(units: 128) + 3 * 3)
    }

    @Test(arguments: [128, 129])
    func bitsDoNotDependOnWhatTheSizeOfTheWeightsDecides(units: Int) throws {
        let test = try Self.wideCase(units: units)
        for kernels in Kernels.all {
            let run = try FastRun(test, kernels: kernels)
            let alone = run.run(.training, team: Self.teams[0]).bits
            try run.resetStates()
            #expect(run.run(.training, team: Self.teams[1]).bits == alone, "\(kernels.name)")
        }
        let differences = try ResultComparison.fastDifferences(test, teams: [Self.teams[1]])
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    private static func narrowCase(units: Int, mask: MaskKind) throws -> NetworkCase {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("cell", GravesLSTM(units: units)), LayerSpec("drop", Dropout(rate: 0.3)),
                LayerSpec("output", Output(units: 3)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 5))])
        return NetworkCase.random(
            "\(units) units", graph: graph, steps: 4, batch: 3, mask: mask, carriesStates: true,
            seed: UInt64(units))
    }

    /// With 256 units each of two or four workers computes the gradients of h for its own cells.
    @Test(arguments: Precision.allCases, MaskKind.allCases)
    func workersThatOwnTheirUnitsBackwardGiveTheSameBits(
        precision: Precision, mask: MaskKind
    ) throws {
        let test = try Self.narrowCase(units: 256, mask: mask)
        for kernels in Kernels.all {
            let run = try FastRun(test, kernels: kernels, precision: precision)
            let alone = run.run(.training, team: Self.teams[0]).bits
            for team in Self.teams.dropFirst() {
                try run.resetStates()
                #expect(
                    run.run(.training, team: team).bits == alone,
                    "\(kernels.name), \(team.count) workers")
            }
        }
    }

    @Test func workersThatOwnTheirUnitsMeetOnceAStepBackward() throws {
        func barriers(units: Int) throws -> Int {
            let executor = try FastRun(Self.narrowCase(units: units, mask: .none)).executor
            let timeline = Timeline(capacity: 1 << 10)
            executor.begin(.training)
            executor.execute(Worker(rehearsing: 1, of: 2, timeline: timeline))
            return timeline.events.count { if case .barrier = $0.kind { true } else { false } }
        }
        // Nobody needs the gradient of the state before the first of four steps.
        #expect(try barriers(units: 256) == barriers(units: 257) - 3)
    }

    @Test(arguments: 0..<80)
    func randomNetworksMatchReference(seed: UInt64) throws {
        var random = CaseRandom(seed: 7000 + seed)
        let network = RandomNetworks.network(seed: seed)
        let test = NetworkCase.random(
            "network \(seed)", graph: try network.compile(),
            steps: Int.random(in: 1...6, using: &random),
            batch: Int.random(in: 1...9, using: &random),
            mask: MaskKind.allCases[Int(seed / 4 % 4)], carriesStates: seed % 2 == 0,
            usesClasses: seed % 3 > 0, seed: seed)
        let differences = try ResultComparison.fastDifferences(
            test, teams: [Self.teams[Int(seed % 4)]])
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    @Test func evenAWhollyMaskedBatchGivesZeroLossAndGradients() throws {
        var test = try recurrentCase(1, units: 17)
        test.mask = [Float](repeating: 0, count: test.steps * test.batch)
        let result = try FastRun(test).run(.training, team: Self.teams[1])
        #expect(result.loss == 0)
        #expect(result.gradients.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    }

    /// A sum of three and more depends on its order, which must be that of the network.
    @Test func theSumOfSeveralLossesHasTheSameBitsInEveryExecutor() throws {
        let outputs = (0..<6).map {
            LayerSpec("output\($0)", Output(units: 3), from: ["before"])
        }
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [LayerSpec("before", Dense(units: 5))] + outputs),
            inputs: [GraphInput("input", TensorSpec(features: 4))])
        let test = NetworkCase.random("losses", graph: graph, steps: 3, batch: 4, seed: 2)
        let losses = try Set(
            (0..<20).map { _ in
                try FastRun(test).run(.evaluation, team: Self.teams[0]).loss?.bitPattern
            })
        #expect(losses.count == 1)
    }

    @Test func tooMuchMemoryIsRefusedBeforeUse() {
        let error = #expect(throws: RuntimeError.self) { try Arena(count: 1 << 58) }
        #expect(error?.kind == .outOfMemory)
    }
}
