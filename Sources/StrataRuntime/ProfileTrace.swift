package import StrataGraph
import StrataKernels
import StrataSchema

/// A recorded run in the trace event format that Perfetto and chrome://tracing show.
///
/// Complete events (`X`) in microseconds since the first recorded step, one thread per worker.
package struct ProfileTrace {
    private let profiler: Profiler
    private let names: [String]

    /// Names what a profiler recorded while it ran a plan.
    package init(_ profiler: Profiler, plan: ExecutionPlan) {
        self.profiler = profiler
        names = plan.commands.map { command in
            let verb = plan.names(of: command.operation).verb
            return plan.label(of: command.operation).map { "\($0) \(verb)" } ?? verb
        }
    }

    /// The whole trace as a JSON object, an event a line.
    package var json: String {
        var lines = profiler.events.indices.map { worker in
            record([
                "name": "thread_name", "ph": "M", "pid": 1, "tid": .int(worker),
                "args": ["name": .string("worker \(worker)")],
            ])
        }
        let origin = profiler.steps.first?.start ?? 0
        for (index, step) in profiler.steps.enumerated() {
            lines.append(event("step \(index + 1)", "step", 0, step.start, step.end, origin))
        }
        for (worker, events) in profiler.events.enumerated() {
            for item in events {
                let (name, category) = label(of: item.kind)
                lines.append(event(name, category, worker, item.start, item.end, origin))
            }
        }
        return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
            + lines.joined(separator: ",\n") + "\n]}\n"
    }

    private func label(of kind: Timeline.Event.Kind) -> (name: String, category: String) {
        switch kind {
        case .command(let index): (names[index], "command")
        case .phase(let phase): (phase.rawValue, "phase")
        case .span(let name): ("\(name)", "span")
        case .barrier: ("barrier", "wait")
        }
    }

    private func event(
        _ name: String, _ category: String, _ worker: Int, _ start: UInt64, _ end: UInt64,
        _ origin: UInt64
    ) -> String {
        record([
            "name": .string(name), "cat": .string(category), "ph": "X", "pid": 1,
            "tid": .int(worker), "ts": .double(Double(start - origin) / 1000),
            "dur": .double(Double(end - start) / 1000),
        ])
    }

    private func record(_ value: ConfigValue) -> String { value.json() }
}
