import StrataGraph
import StrataKernels

/// Adds the events of all workers up by what was done.
struct ProfileSums {
    /// What was done: a work, or a named part of one.
    private struct Key: Hashable {
        var work: Work
        var part: Timeline.Phase?
    }

    private enum Work: Hashable {
        case command(Int)
        case span(String)
    }

    /// All occurrences of one work.
    private struct Sum {
        /// The time of each occurrence from the first worker's start to the last one's end.
        var times: [(start: UInt64, end: UInt64)] = []
        var waiting: UInt64 = 0
    }

    private let plan: ExecutionPlan
    private var order: [Key] = []
    private var sums: [Key: Sum] = [:]

    init(plan: ExecutionPlan) { self.plan = plan }

    /// Adds all events of one worker; those within another come before it.
    mutating func add(_ events: [Timeline.Event]) {
        var seen: [Key: Int] = [:]
        var parts: [Timeline.Event] = []
        var barriers: [Timeline.Event] = []
        var last: Key?
        for event in events {
            let work: Work
            switch event.kind {
            case .barrier:
                barriers.append(event)
                continue
            case .phase:
                parts.append(event)
                continue
            case .command(let index): work = .command(index)
            case .span(let name): work = .span("\(name)")
            }
            let key = Key(work: work, part: nil)
            note(key, event, &seen)
            for part in parts {
                guard case .phase(let phase) = part.kind else { continue }
                let partKey = Key(work: work, part: phase)
                note(partKey, part, &seen)
                sums[partKey]?.waiting += Self.waiting(barriers) {
                    $0.start >= part.start && $0.end <= part.end
                }
            }
            sums[key]?.waiting += Self.waiting(barriers) { $0.start >= event.start }
            // A barrier between two works belongs to the first: it is what that one is waited for.
            if let last { sums[last]?.waiting += Self.waiting(barriers) { $0.start < event.start } }
            last = key
            parts.removeAll(keepingCapacity: true)
            barriers.removeAll(keepingCapacity: true)
        }
        if let last { sums[last]?.waiting += Self.waiting(barriers) { _ in true } }
    }

    private static func waiting(
        _ barriers: [Timeline.Event], where isMeant: (Timeline.Event) -> Bool
    )
        -> UInt64
    {
        barriers.reduce(0) { isMeant($1) ? $0 + $1.end - $1.start : $0 }
    }

    /// Joins an event with the same occurrence of other workers.
    private mutating func note(_ key: Key, _ event: Timeline.Event, _ seen: inout [Key: Int]) {
        if sums[key] == nil { order.append(key) }
        let index = seen[key, default: 0]
        seen[key] = index + 1
        var sum = sums.removeValue(forKey: key) ?? Sum()
        if index < sum.times.count {
            sum.times[index].start = min(sum.times[index].start, event.start)
            sum.times[index].end = max(sum.times[index].end, event.end)
        } else {
            sum.times.append((event.start, event.end))
        }
        sums[key] = sum
    }

    /// The rows for a number of workers and of recorded steps.
    func rows(workers: Int, steps: Double) -> [Profile.Row] {
        order.compactMap { key in
            guard let sum = sums[key] else { return nil }
            let time = sum.times.reduce(0) { $0 + Double($1.end - $1.start) }
            var row = Profile.Row(
                layer: "", label: "", work: "", isPart: key.part != nil,
                calls: Double(sum.times.count) / steps, flops: 0, seconds: time / 1e9 / steps,
                waiting: Double(sum.waiting) / 1e9 / steps / Double(workers))
            switch key.work {
            case .span(let name): row.work = name
            case .command(let index):
                let command = plan.commands[index]
                let names = plan.names(of: command.operation)
                row.work = key.part?.rawValue ?? names.verb
                row.layer = names.layer ?? ""
                row.label = plan.label(of: command.operation) ?? ""
                let flops =
                    key.part.map { plan.flops(of: command, in: $0) }
                    ?? plan.flops(of: command).total
                // A part may be done in pieces, which together have its operations.
                let whole = Key(work: key.work, part: nil)
                row.flops = Double(flops) * Double(sums[whole]?.times.count ?? 0) / steps
            }
            return row
        }
    }
}
