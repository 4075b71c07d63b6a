import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import Synchronization
import Testing

/// Steps that are done to learn how long they take.
struct RehearsalTests {
    private static func executor() throws -> Executor {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("lstm", LSTM(units: 20)), LayerSpec("next", Output(units: 5)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 7, values: .tokens))])
        let plan = try Planner.plan(graph, steps: 4, batch: 3, for: .training)
        return try Executor(plan: plan, parameters: ParameterStore(graph: graph))
    }

    @Test(arguments: [1, 3]) func aTeamDoesTheStepWithAllItsWorkers(count: Int) throws {
        let executor = try Self.executor()
        let runs = Mutex<[Int: Int]>([:])
        let rehearsal = Rehearsal(executor) { worker in
            runs.withLock { $0[worker.index, default: 0] += 1 }
            executor.execute(worker)
        }
        #expect(rehearsal.seconds(of: WorkerTeam(count: count), budget: 0) > 0)
        let each = (0..<count).map { ($0, 3) }
        #expect(runs.withLock { $0 } == Dictionary(uniqueKeysWithValues: each))
        let gradients = executor.gradients.buffer(0..<executor.gradients.count)
        #expect(gradients.allSatisfy(\.isFinite) && gradients.contains { $0 != 0 })
    }

    @Test func anImaginedTeamHasOneWorkerThatMeetsNobody() throws {
        let executor = try Self.executor()
        let workers = Mutex<Set<Int>>([])
        let rehearsal = Rehearsal(executor) { worker in
            _ = workers.withLock { $0.insert(worker.index) }
            executor.execute(worker)
        }
        let pieces = rehearsal.pieces(
            workers: 8, budget: 0, timeline: Timeline(capacity: 1 << 12))
        #expect(workers.withLock { $0 } == [7])
        #expect(pieces.contains { $0.barriersWithin > 0 })
    }
}
