package import StrataKernels

/// Records what every worker does in a few training steps, into memory that is allocated before.
///
/// Steps that no longer fit into that memory end the recording; only whole steps are kept.
package final class Profiler {
    /// Which steps are recorded.
    package struct Options: Sendable {
        /// Steps that are let pass first: caches are cold, pages are new.
        package var warmUp = 3
        /// Steps to record.
        package var steps = 20
        /// Events that one worker may have in all steps.
        package var capacity = 1 << 17

        package init() {}
    }

    /// Whether all steps are recorded that are going to be.
    package private(set) var isComplete = false
    /// The recorded steps' times, from start to end in nanoseconds.
    package private(set) var steps: [(start: UInt64, end: UInt64)] = []
    private let options: Options
    private let timelines: [Timeline]
    private var passed = 0
    private var start: UInt64?

    /// Allocates memory for a team.
    package init(workers: Int, options: Options = Options()) {
        self.options = options
        timelines = (0..<workers).map { _ in Timeline(capacity: options.capacity) }
        steps.reserveCapacity(options.steps)
    }

    /// Where the workers note what they do now; empty while no step is recorded.
    package var recording: [Timeline] { start == nil ? [] : timelines }

    /// Announces a step.
    package func beginStep() {
        passed += 1
        if passed > options.warmUp, !isComplete { start = Timeline.now() }
    }

    /// Ends the announced step.
    package func endStep() {
        guard let start else { return }
        self.start = nil
        if timelines.contains(where: { $0.count > $0.capacity }) {
            isComplete = true
        } else {
            steps.append((start, Timeline.now()))
            isComplete = steps.count >= options.steps
        }
    }

    /// Does work of the calling thread outside of the team and notes its time, unless it fails.
    package func span<Result, Failure: Error>(
        _ name: StaticString, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard start != nil, let timeline = timelines.first else { return try body() }
        let start = Timeline.now()
        let result = try body()
        timeline.record(.span(name), from: start)
        return result
    }

    /// The recorded events of each worker, of whole steps only.
    package var events: [[Timeline.Event]] {
        let end = steps.last?.end ?? 0
        return timelines.map { timeline in timeline.events.filter { $0.end <= end } }
    }
}
