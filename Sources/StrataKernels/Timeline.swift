#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What one worker did and when: events in memory that is allocated once.
///
/// An event is recorded when it ends, so events that lie within another come before it. Where the
/// memory is used up, later events are counted but not kept.
package final class Timeline: @unchecked Sendable {
    // Safe to share: only its worker writes, and others read while that worker does nothing.

    /// A part of a command.
    package enum Phase: String, Sendable {
        case inputProduct = "input product"
        case recurrence
        case loss
        case biasGradient = "bias gradient"
        case inputGradient = "input gradient"
        case weightGradient = "weight gradient"
    }

    /// One thing that was done, from `start` to `end` in nanoseconds of a clock that never jumps.
    package struct Event: Sendable {
        /// What was done.
        package enum Kind: Sendable {
            /// The command of this index in the plan.
            case command(Int)
            /// A part of a command.
            case phase(Phase)
            /// Work outside of the plan.
            case span(StaticString)
            /// Waiting for the other workers.
            case barrier
        }

        package var kind: Kind
        package var start: UInt64
        package var end: UInt64
    }

    private let storage: UnsafeMutableBufferPointer<Event>
    /// Events that happened; at most ``capacity`` of them are kept.
    package private(set) var count = 0
    private var open: (phase: Phase, start: UInt64)?

    /// Allocates room for `capacity` events.
    package init(capacity: Int) {
        storage = .allocate(capacity: capacity)
    }

    deinit { storage.deallocate() }

    /// How many events are kept at most.
    package var capacity: Int { storage.count }

    /// The kept events in the order of their ends.
    package var events: [Event] { Array(storage.prefix(count)) }

    /// Forgets all events.
    package func clear() { count = 0 }

    /// The time in nanoseconds.
    package static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Keeps an event that began at `start` and ends now.
    package func record(_ kind: Event.Kind, from start: UInt64) {
        append(Event(kind: kind, start: start, end: Self.now()))
    }

    /// Ends the present phase and begins another.
    package func begin(_ phase: Phase) {
        let now = Self.now()
        endPhase(at: now)
        open = (phase, now)
    }

    /// Keeps a command that ends now, and before it its last phase.
    package func recordCommand(_ index: Int, from start: UInt64) {
        let now = Self.now()
        endPhase(at: now)
        append(Event(kind: .command(index), start: start, end: now))
    }

    private func endPhase(at now: UInt64) {
        guard let (phase, start) = open else { return }
        append(Event(kind: .phase(phase), start: start, end: now))
        open = nil
    }

    private func append(_ event: Event) {
        if count < storage.count { storage.initializeElement(at: count, to: event) }
        count += 1
    }
}
