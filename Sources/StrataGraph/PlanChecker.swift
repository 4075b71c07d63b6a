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
        var sinceBarrier: [Command] = []
        for (index, command) in plan.commands.enumerated() {
            if command.operation == .barrier {
                sinceBarrier = []
                continue
            }
            let touched = command.reads + command.writes
            let conflicts = sinceBarrier.contains { earlier in
                shareMemory(earlier.writes, touched, plan)
                    || shareMemory(earlier.reads, command.writes, plan)
            }
            if conflicts {
                violations.append("command \(index) depends on one that may still be running")
            }
            sinceBarrier.append(command)
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

    private static func shareMemory(_ a: [BufferID], _ b: [BufferID], _ plan: ExecutionPlan)
        -> Bool
    {
        let places = b.compactMap { plan.regions[$0] }.map { $0.offset..<$0.offset + $0.count }
        return a.compactMap { plan.regions[$0] }.contains { region in
            places.contains { $0.overlaps(region.offset..<region.offset + region.count) }
        }
    }
}
