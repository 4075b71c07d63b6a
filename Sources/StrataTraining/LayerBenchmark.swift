package import StrataGraph
package import StrataKernels
import StrataLayers
import StrataRuntime
package import StrataSchema

/// Measures layers against the machine's own peak of multiply-adds.
package struct LayerBenchmark {
    /// One measured size.
    package struct Row: Sendable {
        package var layer: String
        package var units: Int
        package var batch: Int
        package var steps: Int
        /// Floating-point operations per second, in units of 10^9; the best of the repetitions.
        package var forward: Double
        package var training: Double
    }

    private let team: WorkerTeam
    private let kernels: Kernels
    private let repetitions: Int

    /// Prepares a benchmark on a team of workers.
    package init(threads: Int, kernels: Kernels = .best, repetitions: Int = 10) {
        team = WorkerTeam(count: threads)
        self.kernels = kernels
        self.repetitions = repetitions
    }

    /// The rate of independent multiply-adds on all workers at once, in 10^9 operations per second.
    package func peak() -> Double { team.measurePeak(kernels) / 1e9 }

    /// Measures one recurrent layer whose input is as wide as the layer and needs no gradient.
    ///
    /// FLOPs: forward 8·H·(I + H)·B·T; backward 8·H·(I + 2·H)·B·T: dR, dW and the recurrent part.
    package func measure(_ layer: any Layer, units: Int, batch: Int, steps: Int)
        throws(ConfigurationError) -> Row
    {
        let network = NetworkSpec(layers: [
            LayerSpec("layer", layer),
            LayerSpec("loss", Output(units: 1, activation: .identity, loss: .mse)),
        ])
        let model = try Model(
            network: network, input: TensorSpec(features: units), target: .values(1), seed: 1,
            kernels: kernels)
        let executor = try model.executor(steps: steps, batch: batch, trains: true)
        fillInput(of: executor)
        executor.losses.values.forEach { $0.usesValues = true }
        let cells = Double(batch * steps) * 8 * Double(units)
        let forwardFlops = cells * Double(2 * units)
        let trainingFlops = forwardFlops + cells * Double(3 * units)
        return Row(
            layer: type(of: layer).type, units: units, batch: batch, steps: steps,
            forward: forwardFlops / seconds(executor, model, .evaluation) / 1e9,
            training: trainingFlops / seconds(executor, model, .training) / 1e9)
    }

    private func fillInput(of executor: Executor) {
        guard let view = executor.values(ofInput: 0) else { return }
        var random = CounterRandom(key: 1)
        for index in 0..<view.count { view.base[index] = Float(random.uniform() - 0.5) }
    }

    /// The shortest time of one run; parameters count as changed, so packing is part of it.
    private func seconds(_ executor: Executor, _ model: Model, _ mode: ExecutionMode) -> Double {
        let clock = ContinuousClock()
        var best = Double.infinity
        for _ in 0..<repetitions {
            model.parameters.markChanged()
            executor.resetStates()
            executor.begin(mode)
            let time = clock.measure { team.run { executor.execute($0) } }
            best = min(best, time / .seconds(1))
        }
        return best
    }
}
