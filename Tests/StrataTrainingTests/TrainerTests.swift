import StrataData
import StrataGraph
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTraining
import Testing

/// Updates and evaluations of a model, without files.
struct TrainerTests {
    static func trainer(
        _ layers: [LayerSpec] = Tiny.layers, threads: Int, carries: Bool = true
    ) throws -> Trainer {
        try trainer(layers, team: WorkerTeam(count: threads), carries: carries)
    }

    static func trainer(
        _ layers: [LayerSpec], team: WorkerTeam, carries: Bool = true,
        precision: Precision = .float32, data: TokenDataset? = nil
    ) throws -> Trainer {
        let spec = Tiny.spec(layers) { $0.carryState = carries }
        let data = try data ?? Tiny.data()
        let windows = TokenWindows(
            tokens: data.train, vocabulary: data.vocabulary.count, steps: 4, batch: 3,
            isWhole: false, resetEvery: carries ? nil : 8)
        let model = try Model(
            network: spec.network, input: windows.input, target: windows.target, seed: spec.seed,
            precision: precision, imitates: true)
        return try Trainer(
            model: model, source: windows, spec: spec.training, seed: spec.seed, team: team)
    }

    @Test(arguments: [false, true])
    func parametersAndLossesDoNotDependOnThreads(carries: Bool) throws {
        var expected: (hash: UInt64, losses: [Double])?
        for threads in 1...4 {
            let trainer = try Self.trainer(threads: threads, carries: carries)
            let losses = try (0..<40).map { _ in
                if trainer.isAtEndOfEpoch { trainer.finishEpoch() }
                return try trainer.step().loss
            }
            let result = (trainer.model.parameters.hash, losses)
            if let expected { #expect(expected == result, "\(threads) threads") }
            expected = expected ?? result
        }
    }

    @Test func evaluationLeavesEverythingUnchanged() throws {
        let trainer = try Self.trainer(threads: 2)
        for _ in 0..<5 { _ = try trainer.step() }
        let other = try Self.trainer(threads: 2)
        for _ in 0..<5 { _ = try other.step() }
        let windows = TokenWindows(
            tokens: Tokens(Tiny.tokens(101)), vocabulary: 6, steps: 4, batch: 3, isWhole: true,
            resetEvery: nil)
        let (hash, states) = (
            trainer.model.parameters.hash, trainer.executor.states().map(\.values)
        )
        let first = try #require(try trainer.evaluate(windows))
        let second = try #require(try trainer.evaluate(windows))
        #expect(first == second)
        #expect(trainer.model.parameters.hash == hash)
        #expect(trainer.executor.states().map(\.values) == states)
        #expect(states.contains { $0.contains { $0 != 0 } })
        for _ in 0..<5 {
            #expect(try trainer.step().loss == other.step().loss)
        }
        #expect(trainer.model.parameters.hash == other.model.parameters.hash)
    }

    @Test func evaluationCanBeStopped() throws {
        let trainer = try Self.trainer(threads: 1)
        let windows = TokenWindows(
            tokens: Tokens(Tiny.tokens(101)), vocabulary: 6, steps: 4, batch: 3, isWhole: true,
            resetEvery: nil)
        var asked = 0
        let loss = try trainer.evaluate(windows) {
            asked += 1
            return asked == 2
        }
        #expect(loss == nil && asked == 2)
    }

    @Test func evaluationOfNoTokensHasNoLoss() throws {
        let trainer = try Self.trainer(threads: 1)
        for count in 0...1 {
            let windows = TokenWindows(
                tokens: Tokens(Tiny.tokens(count)), vocabulary: 6, steps: 4, batch: 3,
                isWhole: true,
                resetEvery: nil)
            #expect(try trainer.evaluate(windows) == nil)
        }
    }

    @Test func untrainedNetworkKnowsNothing() throws {
        let trainer = try Self.trainer(
            [
                LayerSpec("embed", Embedding(units: 3)),
                LayerSpec("next", Output(initializer: .zeros)),
            ],
            threads: 1)
        let loss = try trainer.step().loss
        // ln 6: all six tokens are equally likely.
        #expect(abs(loss - 1.791759469228055) < 1e-6)
    }

    @Test func textGetsLikelier() throws {
        let trainer = try Self.trainer(
            [LayerSpec("lstm", LSTM(units: 16)), LayerSpec("next", Output())], threads: 1)
        var means: [Double] = []
        for _ in 0..<10 {
            while !trainer.isAtEndOfEpoch { _ = try trainer.step() }
            means.append(trainer.finishEpoch())
        }
        #expect(means[9] < 0.7 * means[0])
        #expect(zip(means, means.dropFirst()).allSatisfy { $1 < $0 * 1.02 })
    }

    /// The parity of two bits, one after the other: a sum cannot tell, a state can.
    @Test(arguments: OptimizerTests.optimizers.indices)
    func everyOptimizerLearnsExclusiveOr(index: Int) throws {
        let bits: [[Float]] = [[0, 0], [0, 1], [1, 0], [1, 1]]
        let table = try ExampleTable(
            inputs: ExampleInputs(sequences: bits.map { $0.map { [$0] } }, name: "inputs"),
            labels: [[0], [1], [1], [0]], classes: 2, isSequence: true, name: "labels")
        let windows = ExampleWindows(table: table, batch: 4, seed: 2)
        var spec = TrainingSpec()
        var optimizer = OptimizerTests.optimizers[index]
        optimizer.learningRate = optimizer.rule.keepsSecondMoment ? 0.05 : 0.3
        spec.optimizer = OptimizerSpec(optimizer)
        spec.clip.norm = 1
        let network = NetworkSpec(layers: [
            LayerSpec("lstm", LSTM(units: 8)), LayerSpec("answer", Output()),
        ])
        let model = try Model(
            network: network, input: windows.input, target: windows.target, seed: 4)
        let trainer = try Trainer(
            model: model, source: windows, spec: spec, seed: 4, team: WorkerTeam(count: 1))
        let first = try trainer.step().loss
        for _ in 0..<1200 {
            if trainer.isAtEndOfEpoch { trainer.finishEpoch() }
            _ = try trainer.step()
        }
        let last = try #require(try trainer.evaluate(windows))
        #expect(last < 0.1 * first, "\(type(of: optimizer).type): \(first) -> \(last)")
    }
}
