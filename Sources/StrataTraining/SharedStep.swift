import StrataGraph
import StrataRuntime

/// One update as all workers of a team do it together.
final class SharedStep: @unchecked Sendable {
    private let executor: Executor
    private let update: ParameterUpdate
    private let rate: Double
    /// The number of the update, from 1; set only while the team waits.
    var number = 1

    init(executor: Executor, update: ParameterUpdate, rate: Double) {
        self.executor = executor
        self.update = update
        self.rate = rate
    }

    /// Does a worker's part of the update.
    func execute(_ worker: Worker) {
        executor.execute(worker)
        worker.barrier()
        worker.span("optimizer") { update.execute(worker, step: number, rate: rate) }
    }
}
