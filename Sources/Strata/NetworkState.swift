import StrataRuntime

/// What the recurrent layers of a network remember of one sequence: a value to keep, compare,
/// store and give back to a ``NetworkStepper``.
public struct NetworkState: Sendable, Hashable, Codable {
    /// One layer's memory.
    public struct Entry: Sendable, Hashable, Codable {
        /// `layer.state`: `lstm1.h`, `lstm1.c`.
        public var name: String
        /// The numbers, one per unit.
        public var values: [Float]
    }

    /// The memory of each recurrent layer, in the order of the network.
    public var entries: [Entry]

    init(_ states: [Executor.StateValue]) {
        entries = states.map { Entry(name: $0.name, values: $0.values) }
    }

    /// The numbers under a name such as `lstm1.h`, or nil.
    public subscript(_ name: String) -> [Float]? { entries.first { $0.name == name }?.values }

    var states: [Executor.StateValue] {
        entries.map { .init(name: $0.name, features: $0.values.count, values: $0.values) }
    }
}
