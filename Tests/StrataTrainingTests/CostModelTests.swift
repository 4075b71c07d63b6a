import Foundation
import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTraining
import Testing

/// Predictions of the time of training steps, and what follows from them.
struct CostModelTests {
    private static let rates = MachineRates(points: [
        .init(workers: 1, peak: 100, barrier: 0), .init(workers: 2, peak: 90, barrier: 2e-7),
        .init(workers: 4, peak: 80, barrier: 6e-7),
    ])

    private static func plan(units: Int, steps: Int, batch: Int) throws -> ExecutionPlan {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("lstm", LSTM(units: units)), LayerSpec("next", Output(units: 5)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 7, values: .tokens))])
        return try Planner.plan(graph, steps: steps, batch: batch, for: .training)
    }

    @Test func barriersAreInterpolatedAndGrowInProportionBeyond() {
        let seconds = [1, 2, 3, 4, 8, 64].map { Self.rates.barrierSeconds($0) * 1e7 }
        for (found, expected) in zip(seconds, [0.0, 2, 4, 6, 12, 96]) {
            #expect(abs(found - expected) < 1e-9)
        }
        let single = MachineRates(points: [.init(workers: 1, peak: 100, barrier: 0)])
        #expect(single.barrierSeconds(1) == 0 && single.barrierSeconds(2) > 0)
        #expect(single.barrierSeconds(8) == 4 * single.barrierSeconds(2))
    }

    @Test func clocksFallWithWorkers() {
        #expect(Self.rates.slowdown(1) == 1)
        #expect(Self.rates.slowdown(3) == 100.0 / 90)
        #expect(Self.rates.slowdown(64) == 100.0 / 80)
    }

    @Test func candidatesAreDoubledUpToTheLimit() {
        #expect(CostModel.candidates(upTo: 1) == [1])
        #expect(CostModel.candidates(upTo: 8) == [1, 2, 4, 8])
        #expect(CostModel.candidates(upTo: 6) == [1, 2, 4, 6])
    }

    @Test func fewestWorkersThatSufficeAreChosen() {
        func prediction(_ workers: Int, _ seconds: Double) -> CostModel.Prediction {
            .init(workers: workers, pieces: [], seconds: seconds, barrierSeconds: 0)
        }
        #expect(CostModel.choice(among: []) == nil)
        let scaling = [prediction(1, 8), prediction(2, 4.5), prediction(4, 2.4)]
        #expect(CostModel.choice(among: scaling)?.workers == 4)
        let small = [prediction(1, 1), prediction(2, 1.2), prediction(4, 3)]
        #expect(CostModel.choice(among: small)?.workers == 1)
        let saturated = [prediction(1, 8), prediction(2, 4.05), prediction(4, 4)]
        #expect(CostModel.choice(among: saturated)?.workers == 2)
    }

    @Test func allThatARunConsidersIsPredicted() {
        #expect(TrainingCost.counts(upTo: 64, cores: 6) == [1, 2, 4, 6, 8, 16, 32, 64])
        #expect(TrainingCost.counts(upTo: 5, cores: 6) == [1, 2, 4, 5])
        #expect(TrainingCost.counts(upTo: 3, cores: 1) == [1, 2, 3])
    }

    @Test(arguments: [1, 2, 64])
    func predictionHasEveryCommandWithItsBarriers(workers: Int) throws {
        let steps = 9
        let plan = try Self.plan(units: 20, steps: steps, batch: 3)
        let cost = try TrainingCost(plan: plan, optimizer: Adam(), budget: 0)
        let prediction = cost.prediction(workers: workers)
        let commands = plan.commands.filter { $0.operation != .barrier }
        #expect(prediction.pieces.count == commands.count + 2)
        #expect(prediction.pieces.map(\.flops).reduce(0, +) == plan.flops)
        #expect(prediction.pieces.allSatisfy { $0.seconds >= 0 })
        let sum = prediction.pieces.map(\.seconds).reduce(0, +)
        #expect(prediction.seconds >= sum && prediction.seconds < 2 * sum)
        let forward = prediction.pieces.first { $0.layer == "lstm" && $0.work == "forward" }
        // Behind the input's product, behind every step, and behind the command.
        #expect(forward?.barriers == (workers == 1 ? 0 : Double(steps + 2)))
        #expect((prediction.barrierSeconds > 0) == (workers > 1))
    }

    @Test func longWindowsAreRehearsedShorter() throws {
        // 4000 steps of 64 sequences would take seconds.
        let plan = try Self.plan(units: 64, steps: 4000, batch: 64)
        let cost = try TrainingCost(plan: plan, optimizer: SGD(), budget: 0)
        // Eight workers have too few sequences each to share nothing else, so they meet at every step.
        let prediction = cost.prediction(workers: 8)
        let forward = prediction.pieces.first { $0.layer == "lstm" && $0.work == "forward" }
        // Behind the input's product, behind every step, and behind the command.
        #expect(forward?.barriers == 4002)
        #expect(prediction.pieces.map(\.flops).reduce(0, +) == plan.flops)
    }

    /// What happens once in a window happens once in a longer one.
    @Test func onlyBarriersAtEveryStepGrowWithTheWindow() throws {
        let plan = try Self.plan(units: 64, steps: 8000, batch: 64)
        let cost = try TrainingCost(plan: plan, optimizer: SGD(), budget: 0)
        // Two workers have sequences enough to share nothing else.
        let prediction = cost.prediction(workers: 2)
        func barriers(_ layer: String, _ work: String) -> Double? {
            prediction.pieces.first { $0.layer == layer && $0.work == work }?.barriers
        }
        // One within each command, and one behind it.
        #expect(barriers("lstm", "forward") == 2)
        #expect(barriers("lstm", "backward") == 2)
        // Three for each block of rows, but none behind the last within.
        let blocks = plan.blocks(ofNode: 1).count
        #expect(blocks > 10)
        #expect(barriers("next", "loss") == Double(3 * blocks))
    }

    @Test func workersWithManySequencesDoNotMeetAtEveryStep() throws {
        let plan = try Self.plan(units: 20, steps: 9, batch: 32)
        let cost = try TrainingCost(plan: plan, optimizer: Adam(), budget: 0)
        let forward = cost.prediction(workers: 2).pieces.first {
            $0.layer == "lstm" && $0.work == "forward"
        }
        // Behind the input's product, and behind the command.
        #expect(forward?.barriers == 2)
    }

    @Test func teamsAreNeverLargerThanAllowedOrThanThereAreCores() throws {
        let small = try Self.plan(units: 4, steps: 3, batch: 1)
        let large = try Self.plan(units: 512, steps: 50, batch: 64)
        // What a machine reaches that has nothing else to do.
        let idle = MachineRates(points: [
            .init(workers: 1, peak: 1e11, barrier: 0), .init(workers: 2, peak: 1e11, barrier: 3e-7),
        ])
        let cores = ProcessInfo.processInfo.activeProcessorCount
        for limit in 1...3 {
            let few = TrainingCost.team(
                plan: small, optimizer: Adam(), kernels: .best, limit: limit)
            #expect((1...min(limit, cores)).contains(few))
            let many = TrainingCost.team(
                plan: large, optimizer: Adam(), kernels: .best, limit: limit, rates: idle)
            #expect(many == min(limit, idle.cores))
        }
    }
}
