import Foundation
import StrataGraph
import StrataRuntime
import StrataTraining
import Testing

/// What a profiler records of training steps, and what is made of it.
struct ProfilerTests {
    private static func profiler(steps: Int, capacity: Int = 1 << 14, threads: Int) -> Profiler {
        var options = Profiler.Options()
        options.warmUp = 2
        options.steps = steps
        options.capacity = capacity
        return Profiler(workers: threads, options: options)
    }

    /// A trainer that has done some steps with a profiler.
    private static func trained(_ profiler: Profiler?, threads: Int, steps: Int = 9) throws
        -> Trainer
    {
        let trainer = try TrainerTests.trainer(threads: threads)
        trainer.profiler = profiler
        for _ in 0..<steps { _ = try trainer.step() }
        return trainer
    }

    @Test(arguments: 1...3)
    func everyCommandIsARowWithItsOperations(threads: Int) throws {
        let profiler = Self.profiler(steps: 4, threads: threads)
        let trainer = try Self.trained(profiler, threads: threads)
        let profile = try #require(trainer.profile())
        let plan = trainer.executor.plan
        #expect(profiler.isComplete && profile.stepCount == 4)
        let commands = plan.commands.filter { $0.operation != .barrier }
        let rows = profile.rows.filter { !$0.isPart }
        for command in commands {
            let names = plan.names(of: command.operation)
            let row = rows.first { $0.work == names.verb && $0.layer == names.layer }
            #expect(row?.calls == 1, "\(names)")
            #expect(row?.flops == Double(plan.flops(of: command).total), "\(names)")
        }
        #expect(rows.count == commands.count + 3)
        for work in ["data", "clear gradients", "optimizer"] {
            #expect(rows.contains { $0.work == work && $0.calls == 1 }, "\(work)")
        }
        let parts = profile.rows.filter(\.isPart).map(\.work)
        #expect(parts.contains("recurrence") && parts.contains("weight gradient"))
        #expect(profile.rows.reduce(0) { $0 + ($1.isPart ? 0 : $1.flops) } == profile.flops)
        #expect(profile.rows.allSatisfy { $0.seconds > 0 && $0.seconds < profile.seconds })
        #expect(profile.waiting.count == threads)
        #expect(profile.waiting.allSatisfy { threads == 1 ? $0 == 0 : $0 > 0 })
    }

    @Test func recordingChangesNoBit() throws {
        let plain = try Self.trained(nil, threads: 2)
        let recorded = try Self.trained(Self.profiler(steps: 5, threads: 2), threads: 2)
        #expect(plain.model.parameters.hash == recorded.model.parameters.hash)
    }

    @Test func fullMemoryKeepsWholeSteps() throws {
        let roomy = Self.profiler(steps: 6, threads: 2)
        _ = try Self.trained(roomy, threads: 2)
        let perStep = try #require(roomy.events.map(\.count).max()) / 6
        let tight = Self.profiler(steps: 6, capacity: perStep * 5 / 2, threads: 2)
        let trainer = try Self.trained(tight, threads: 2)
        #expect(tight.isComplete && tight.steps.count == 2)
        #expect(tight.events.map(\.count) == roomy.events.map { $0.count / 3 })
        #expect(trainer.profile()?.stepCount == 2)
        let none = Self.profiler(steps: 6, capacity: 1, threads: 2)
        #expect(try Self.trained(none, threads: 2).profile() == nil)
        #expect(none.isComplete)
    }

    @Test func traceIsNestedAndNamesWorkers() throws {
        let profiler = Self.profiler(steps: 2, threads: 2)
        let trainer = try Self.trained(profiler, threads: 2)
        let json = ProfileTrace(profiler, plan: trainer.executor.plan).json
        let trace = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let events = try #require(trace?["traceEvents"] as? [[String: Any]])
        let names = events.filter { $0["ph"] as? String == "M" }
            .compactMap { ($0["args"] as? [String: Any])?["name"] as? String }
        #expect(names == ["worker 0", "worker 1"])
        for worker in 0..<2 {
            let spans = events.filter { $0["ph"] as? String == "X" && $0["tid"] as? Int == worker }
                .compactMap { event -> (name: String, start: Double, end: Double)? in
                    guard let name = event["name"] as? String, let start = event["ts"] as? Double,
                        let time = event["dur"] as? Double
                    else { return nil }
                    return (name, start, start + time)
                }
            #expect(spans.count > 40)
            for a in spans {
                for b in spans where a.start < b.start && b.start < a.end - 0.0005 {
                    #expect(b.end <= a.end + 0.0005, "\(a) and \(b) overlap on worker \(worker)")
                }
            }
        }
        #expect(events.contains { $0["name"] as? String == "optimizer" })
    }
}
