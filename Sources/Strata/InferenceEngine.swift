import StrataGraph
import StrataRuntime
import StrataTraining

/// An executor for outputs alone, with a team of one: windows of T steps and B examples.
///
/// Used by one caller at a time.
final class InferenceEngine: @unchecked Sendable {
    let executor: Executor
    private let team = WorkerTeam(count: 1)
    private let output: Int

    init(model: Model, steps: Int, batch: Int, weights: WeightPrecision? = nil)
        throws(TrainingError)
    {
        do {
            executor = try model.executor(
                steps: steps, batch: batch, for: .inference, weights: weights)
        } catch {
            throw .configuration(error)
        }
        output = model.graph.outputs.first ?? 0
    }

    var steps: Int { executor.plan.steps }
    var batch: Int { executor.plan.batch }

    /// Whether keeping it for the next call costs little memory: 16 MiB at most.
    var isSmall: Bool { executor.plan.arenaCount <= 1 << 22 }

    /// Computes the outputs of what was filled in.
    func run(isMasked: Bool = false) {
        executor.begin(.inference, isMasked: isMasked)
        let executor = executor
        team.run { executor.execute($0) }
    }

    /// One row of the network's result.
    func row(_ index: Int) -> [Float] {
        let view = executor.output(ofNode: output)
        return Array(UnsafeBufferPointer(start: view.row(index), count: view.features))
    }
}
