/// Verifies a finished plan without trusting the planner: an error here is a bug in Strata.
package enum PlanChecker {
    /// Every violation found, in words; empty for a sound plan.
    package static func violations(in plan: ExecutionPlan) -> [String] {
        unwrittenReads(plan) + missingRegions(plan) + overlaps(plan) + missingBarriers(plan)
            + strayWork(plan)
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

    /// Between two commands of which one writes memory that the other touches must be a barrier.
    private static func missingBarriers(_ plan: ExecutionPlan) -> [String] {
        var violations: [String] = []
        // Floats of the arena since the last barrier.
        var (written, touched) = (RangeSet<Int>(), RangeSet<Int>())
        for (index, command) in plan.commands.enumerated() {
            if command.operation == .barrier {
                (written, touched) = (RangeSet(), RangeSet())
                continue
            }
            let (reads, writes) = (memory(command.reads, plan), memory(command.writes, plan))
            if !written.isDisjoint(reads) || !touched.isDisjoint(writes) {
                violations.append("command \(index) depends on one that may still be running")
            }
            written.formUnion(writes)
            touched.formUnion(reads)
            touched.formUnion(writes)
        }
        return violations
    }

    /// What a plan does or keeps that its purpose does not ask for.
    private static func strayWork(_ plan: ExecutionPlan) -> [String] {
        guard plan.purpose != .training else { return [] }
        let commands = plan.commands.enumerated().compactMap { index, command -> String? in
            let isStray =
                command.phase == .backward || (command.phase == .loss && plan.purpose == .inference)
            return isStray ? "command \(index) is of no use for \(plan.purpose)" : nil
        }
        let regions = plan.regions.keys.filter { servesGradientsOnly($0, plan) }
        return commands + regions.map { "\($0) takes memory and is of no use for \(plan.purpose)" }
    }

    private static func servesGradientsOnly(_ id: BufferID, _ plan: ExecutionPlan) -> Bool {
        switch id {
        case .inputGradient: true
        case .buffer(let node, let index):
            plan.graph.nodes[node].plan.buffers[index].lifetime.servesGradientsOnly
        case .input, .output, .state: false
        }
    }

    /// The places of some buffers in the arena.
    private static func memory(_ buffers: [BufferID], _ plan: ExecutionPlan) -> RangeSet<Int> {
        RangeSet(
            buffers.compactMap { plan.regions[$0] }.map { $0.offset..<$0.offset + $0.count })
    }
}
