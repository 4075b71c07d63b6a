import Foundation
package import StrataGraph
package import StrataKernels
package import StrataRuntime
package import StrataSchema

/// What a training step costs, for any number of workers: the cost model with the optimizer.
package struct TrainingCost {
    /// Steps of more operations than this are rehearsed with shorter windows.
    private static let rehearsedFlops = 8e9
    /// Longer windows are rehearsed shorter, too, as all that workers do is noted.
    private static let rehearsedSteps = 4096

    package let rates: MachineRates
    private let model: CostModel

    /// Allocates a network of its own to rehearse on.
    ///
    /// - Throws: `ConfigurationError` where memory does not suffice.
    package init(
        plan: ExecutionPlan, optimizer: any Optimizer, kernels: Kernels = .best,
        budget: Double = 0.05
    ) throws(ConfigurationError) {
        let part = min(1, Self.rehearsedFlops / Double(max(1, plan.flops)))
        // Not so few that what a layer waits for once looks like what it waits for at every step.
        let affordable = min(Self.rehearsedSteps, Int(Double(plan.steps) * part))
        let steps = max(min(4, plan.steps), affordable)
        let short = try Planner.plan(
            plan.graph, steps: steps, batch: plan.batch, for: .training, precision: plan.precision)
        try MemoryGuard.check(plan.graph, plan: short, updating: optimizer.rule, fills: false)
        rates = MachineRates.measured(
            kernels, cores: ProcessInfo.processInfo.activeProcessorCount)
        do {
            let parameters = try ParameterStore(graph: plan.graph)
            let executor = try Executor(plan: short, parameters: parameters, kernels: kernels)
            let update = try ParameterUpdate(
                parameters: parameters, gradients: executor.gradients, rule: optimizer.rule,
                penalties: .init(), kernels: kernels)
            let work = SharedStep(executor: executor, update: update, rate: 0)
            let rehearsal = Rehearsal(executor) { work.execute($0) }
            model = CostModel(
                plan: plan, rates: rates, rehearsal: rehearsal, budget: budget)
        } catch {
            throw ConfigurationError(outOfMemory: error)
        }
    }

    /// The prediction for a number of workers.
    package func prediction(workers: Int) -> CostModel.Prediction {
        model.prediction(workers: workers)
    }

    /// Predictions for numbers of workers up to a limit.
    package func predictions(upTo limit: Int) -> [CostModel.Prediction] {
        Self.counts(upTo: limit, cores: rates.cores).map { model.prediction(workers: $0) }
    }

    /// Numbers of workers up to a limit, with all that a run considers, which has one for each core at most.
    package static func counts(upTo limit: Int, cores: Int) -> [Int] {
        let all = CostModel.candidates(upTo: limit)
        return Set(all + CostModel.candidates(upTo: min(limit, cores))).sorted()
    }

    /// The number of workers that suffice for the fastest steps, at most `limit` and one for each core.
    ///
    /// Networks with plenty to do between barriers get all without a rehearsal.
    ///
    /// - Parameter rates: nil: those of this machine.
    package static func team(
        plan: ExecutionPlan, optimizer: any Optimizer, kernels: Kernels, limit: Int,
        rates: MachineRates? = nil
    ) -> Int {
        guard limit > 1 else { return 1 }
        let rates =
            rates
            ?? .measured(kernels, cores: ProcessInfo.processInfo.activeProcessorCount)
        // More would wait for each other's cores at every barrier, which no prediction tells.
        let limit = min(limit, rates.cores)
        let shared = secondsBetweenBarriers(plan, rates) / Double(limit)
        if shared > 30 * rates.barrierSeconds(limit) { return limit }
        let cost = try? TrainingCost(
            plan: plan, optimizer: optimizer, kernels: kernels, budget: 0.005)
        // Where memory is too short to rehearse, training itself will say so.
        guard let cost else { return limit }
        return CostModel.choice(among: cost.predictions(upTo: limit))?.workers ?? limit
    }

    /// What one worker would need at its peak between two barriers, on average.
    private static func secondsBetweenBarriers(_ plan: ExecutionPlan, _ rates: MachineRates)
        -> Double
    {
        // A recurrent layer meets at most once a step forward, and twice backward.
        let recurrent = plan.graph.nodes.filter { !$0.plan.states.isEmpty }.count
        let barriers =
            3 * plan.steps * recurrent + plan.commands.filter { $0.operation == .barrier }.count
        let peak = rates.points.first?.peak ?? 1
        return Double(plan.flops) / peak / Double(max(1, barriers))
    }
}
