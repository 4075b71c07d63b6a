import StrataData
package import StrataGraph
package import StrataKernels
import StrataLayers
import StrataRuntime
package import StrataSchema

/// Measures layers and small networks on a team of workers; all times are medians.
package struct LayerBenchmark {
    /// One measured layer.
    package struct LayerRow: Sendable {
        package var size: BenchmarkCase
        /// A forward pass, and one with the backward pass.
        package var forward: MeasuredPass
        package var training: MeasuredPass
    }

    /// One measured network, a whole training step of it.
    package struct NetworkRow: Sendable {
        package var units: Int
        package var batch: Int
        package var steps: Int
        /// Seconds of a step with its data, loss and update.
        package var seconds: Double
        /// What the cost model predicts for it, without the data: the mean of before and after.
        package var predicted: Double

        /// Tokens trained on in a second.
        package var tokensPerSecond: Double { Double(batch * steps) / seconds }
    }

    package let threads: Int
    private let team: WorkerTeam
    private let kernels: Kernels
    private let repetitions: Int

    /// Prepares a benchmark on a team of workers.
    package init(threads: Int, kernels: Kernels = .best, repetitions: Int = 10) {
        self.threads = threads
        team = WorkerTeam(count: threads)
        self.kernels = kernels
        self.repetitions = repetitions
    }

    /// The rate of independent multiply-adds on all workers at once, in operations per second.
    package func peak(_ precision: Precision) -> Double {
        team.measurePeak(kernels, precision: precision.code)
    }

    /// Measures one layer; its input needs no gradient.
    package func measure(_ size: BenchmarkCase) throws(ConfigurationError) -> LayerRow {
        let (executor, model) = try layer(size, for: .training)
        let flops = executor.plan.flopsByKind
        return LayerRow(
            size: size, forward: pass(executor, model, .evaluation, flops: flops.forward),
            training: pass(executor, model, .training, flops: flops.total))
    }

    /// The seconds of one step of one sequence, as when a text is generated: packing, which is done
    /// once for a network, is not part of it.
    package func measureStep(
        layer: String, units: Int, weights: WeightPrecision = .float32
    ) throws(ConfigurationError) -> Double {
        let size = BenchmarkCase(layer, units: units, batch: 1, steps: 1)
        let (executor, _) = try self.layer(size, for: .inference, weights: weights)
        return Self.median(
            repeated {
                executor.begin(.inference)
                team.run { executor.execute($0) }
            })
    }

    /// Measures training of two `lstm` layers and an output on letters, with Adam.
    package func measureNetwork(
        units: Int, batch: Int, steps: Int, precision: Precision = .float32
    ) throws(ConfigurationError) -> NetworkRow {
        let vocabulary = 65
        var spec = TrainingSpec()
        spec.optimizer = OptimizerSpec(Adam())
        spec.clip.norm = 5
        let count = batch * steps * 4 + 1
        let source = TokenWindows(
            tokens: Tokens((0..<count).map { Int32($0 * 7919 % 997 % vocabulary) }),
            vocabulary: vocabulary, steps: steps, batch: batch, isWhole: false, resetEvery: nil)
        let network = NetworkSpec(layers: [
            LayerSpec("lstm1", LSTM(units: units)), LayerSpec("lstm2", LSTM(units: units)),
            LayerSpec("next", Output()),
        ])
        let model = try Model(
            network: network, input: source.input, target: source.target, seed: 1,
            kernels: kernels, precision: precision, imitates: true)
        let trainer = try Trainer(model: model, source: source, spec: spec, seed: 1, team: team)
        /// A shared machine changes from one second to the next, and what is predicted of it, too.
        func predict() throws(ConfigurationError) -> Double {
            try TrainingCost(
                plan: trainer.executor.plan, optimizer: spec.optimizer.optimizer, kernels: kernels
            ).prediction(workers: threads).seconds
        }
        let before = try predict()
        var isFinite = true
        let seconds = Self.median(
            repeated {
                if trainer.isAtEndOfEpoch { trainer.finishEpoch() }
                isFinite = isFinite && (try? trainer.step()) != nil
            })
        precondition(isFinite, "the benchmark's own network diverges")
        return NetworkRow(
            units: units, batch: batch, steps: steps, seconds: seconds,
            predicted: (before + (try predict())) / 2)
    }

    // MARK: How it is measured

    private func layer(
        _ size: BenchmarkCase, for purpose: ExecutionMode, weights: WeightPrecision? = nil
    ) throws(ConfigurationError) -> (Executor, Model) {
        let config: ConfigValue = ["type": .string(size.layer), "units": .int(size.units)]
        var context = DecodingContext()
        let layer = LayerCatalog.standard.decode(config.node, &context)
        try context.throwIfAny(texts: SourceTexts())
        var layers = layer.map { [LayerSpec("layer", $0)] } ?? []
        let hasLoss = purpose != .inference
        if hasLoss {
            layers.append(
                LayerSpec("loss", Output(units: 1, activation: .identity, loss: .mse)))
        }
        let model = try Model(
            network: NetworkSpec(layers: layers), input: TensorSpec(features: size.units),
            target: hasLoss ? .values(1) : nil, seed: 1, kernels: kernels,
            precision: size.precision, imitates: true)
        let executor = try model.executor(
            steps: size.steps, batch: size.batch, for: purpose, weights: weights)
        fillInput(of: executor)
        executor.losses.values.forEach { $0.usesValues = true }
        return (executor, model)
    }

    private func fillInput(of executor: Executor) {
        guard let view = executor.values(ofInput: 0) else { return }
        var random = CounterRandom(key: 1)
        for index in 0..<view.count { view.base[index] = Float(random.uniform() - 0.5) }
    }

    /// Times a run; parameters count as changed, so packing is part of it.
    ///
    /// The peak is measured again beside each repetition, for some milliseconds: on a machine that is
    /// shared it changes from one second to the next, and with it what a product can reach.
    private func pass(
        _ executor: Executor, _ model: Model, _ mode: ExecutionMode, flops: Int
    ) -> MeasuredPass {
        let precision = executor.plan.precision.code
        var peaks: [Double] = []
        let times = repeated(
            {
                model.parameters.markChanged()
                executor.resetStates()
                executor.begin(mode)
                team.run { executor.execute($0) }
            },
            between: { peaks.append(team.measurePeak(kernels, precision: precision, attempts: 3)) })
        let around = zip(peaks, peaks.dropFirst()).map { ($0 + $1) / 2 }
        return MeasuredPass(
            flops: Double(flops), seconds: Self.median(times),
            flopsOfPeak: Self.median(zip(times, around).map(*)))
    }

    /// The times of `body`, after one run that does not count; long ones are run less often.
    ///
    /// - Parameter between: done before the first time, and after each.
    private func repeated(_ body: () -> Void, between: () -> Void = {}) -> [Double] {
        let patience: UInt64 = 2_000_000_000
        body()
        between()
        var times: [Double] = []
        let start = Timeline.now()
        while times.isEmpty || (times.count < repetitions && Timeline.now() - start < patience) {
            let start = Timeline.now()
            body()
            times.append(Double(Timeline.now() - start) / 1e9)
            between()
        }
        return times
    }

    private static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }
}
