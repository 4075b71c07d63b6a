package import StrataGraph
import StrataKernels

/// Where the time of training steps went: a mean over the recorded ones.
package struct Profile: Sendable {
    /// A command, a part of one, or work outside of the plan.
    package struct Row: Sendable {
        /// The layer, or "" for what concerns none.
        package var layer: String
        /// The layer with those behind it whose work is done in it: `lstm + drop`.
        package var label: String
        /// What was done: `forward`, `optimizer`.
        package var work: String
        /// Whether this is a part of the row above it that is no part.
        package var isPart: Bool
        /// Times per step.
        package var calls: Double
        /// Floating-point operations of products per step; 0 where they are not known.
        package var flops: Double
        /// Seconds per step from the first worker's start to the last one's end.
        package var seconds: Double
        /// Seconds per step that a worker waited in it and at the barrier behind it, on average.
        package var waiting: Double

        /// Operations per second.
        package var rate: Double { seconds > 0 ? flops / seconds : 0 }
    }

    /// Steps T and sequences B of a window.
    package var window: (steps: Int, batch: Int)
    /// Recorded training steps.
    package var stepCount: Int
    /// Seconds of a step.
    package var seconds: Double
    /// Operations of the products of a step.
    package var flops: Double
    /// What the team's multiply-adds reach at best, in operations per second.
    package var peak: Double
    /// In the order in which things were done first.
    package var rows: [Row]
    /// Seconds per step that each worker waited for others.
    package var waiting: [Double]

    /// The time of a step that no row has.
    package var rest: Row {
        let known = rows.reduce(0) { $0 + ($1.isPart ? 0 : $1.seconds) }
        return Row(
            layer: "", label: "", work: "the rest", isPart: false, calls: 1, flops: 0,
            seconds: max(0, seconds - known), waiting: 0)
    }

    /// Adds up what a profiler recorded while it ran a plan; nil where no step is recorded.
    package init?(_ profiler: Profiler, plan: ExecutionPlan, peak: Double) {
        guard !profiler.steps.isEmpty else { return nil }
        let count = Double(profiler.steps.count)
        window = (plan.steps, plan.batch)
        stepCount = profiler.steps.count
        seconds = profiler.steps.reduce(0) { $0 + Double($1.end - $1.start) } / 1e9 / count
        flops = Double(plan.flops)
        self.peak = peak
        let events = profiler.events
        var sums = ProfileSums(plan: plan)
        for events in events { sums.add(events) }
        rows = sums.rows(workers: events.count, steps: count)
        waiting = events.map { events in
            events.reduce(0) { sum, event in
                guard case .barrier = event.kind else { return sum }
                return sum + Double(event.end - event.start) / 1e9 / count
            }
        }
    }
}
