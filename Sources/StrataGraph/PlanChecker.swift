/// Verifies a finished plan without trusting the planner: an error here is a bug in Strata.
public enum PlanChecker {
    /// Every violation found, in words; empty for a sound plan.
    public static func violations(in plan: ExecutionPlan) -> [String] {
        unwrittenReads(plan) + missingRegions(plan) + overlaps(plan) + missingBarriers(plan)
    }

    private static func unwrittenReads(_ plan: ExecutionPlan) -> [String] {
        var written = Set(plan.graph.inputs.indices.map { BufferID.input($0) })
        for (index, node) in plan.graph.nodes.enumerated() {
            written.formUnion(node.plan.states.indices.map { .state(node: index, index: $0) })
        }
        var violations: [String] = []
        for (index, command) in plan.commands.enumerated() {
            for id in command.reads where !written.contains(id) {
                violations.append("command \(index) reads \(id) before it is written")
            }
            written.formUnion(command.writes)
        }
        return violations
    }

    private static func missingRegions(_ plan: ExecutionPlan) -> [String] {
        plan.commands.enumerated().flatMap { index, command in
            Set(command.reads + command.writes).compactMap { id -> String? in
                guard let region = plan.regions[id] else {
                    return "command \(index) uses \(id), which has no memory"
                }
                if region.offset < 0 || region.offset + region.count > plan.arenaCount {
                    return "\(id) lies outside the arena"
                }
                return region.live.contains(index) ? nil : "\(id) is used after its life"
            }
        }
    }

    private static func overlaps(_ plan: ExecutionPlan) -> [String] {
        let regions = plan.regions.values.sorted { $0.offset < $1.offset }
        var violations: [String] = []
        for (index, a) in regions.enumerated() {
            for b in regions[(index + 1)...] {
                if b.offset >= a.offset + a.count { break }
                if a.live.overlaps(b.live) {
                    violations.append("\(a.buffer) and \(b.buffer) share memory while both live")
                }
            }
        }
        return violations
    }

    /// Between a command and a later one that touches what it writes there must be a barrier.
    private static func missingBarriers(_ plan: ExecutionPlan) -> [String] {
        var violations: [String] = []
        var writtenSinceBarrier: Set<BufferID> = []
        for (index, command) in plan.commands.enumerated() {
            if command.operation == .barrier {
                writtenSinceBarrier = []
                continue
            }
            if !writtenSinceBarrier.isDisjoint(with: command.reads + command.writes) {
                violations.append("command \(index) depends on one that may still be running")
            }
            writtenSinceBarrier.formUnion(command.writes)
        }
        return violations
    }
}
