package import StrataGraph

/// All parameters of a network in one contiguous buffer.
package final class ParameterStore: @unchecked Sendable {
    /// One parameter's place in the buffer.
    package struct Entry: Sendable {
        /// `layer.parameter`.
        package var name: String
        package var spec: ParameterSpec
        package var range: Range<Int>
    }

    package let entries: [Entry]
    package let values: Arena
    /// Counts changes, so that packed copies know when they are stale.
    package private(set) var version = 0

    /// Allocates the buffer of a graph's parameters, all zero.
    package init(graph: Graph) throws(RuntimeError) {
        var entries: [Entry] = []
        var offset = 0
        for parameter in graph.parameters {
            let range = offset..<(offset + parameter.spec.count)
            entries.append(Entry(name: parameter.name, spec: parameter.spec, range: range))
            offset = range.upperBound
        }
        self.entries = entries
        values = try Arena(count: offset)
    }

    /// Numbers in all.
    package var count: Int { values.count }

    /// Says that values changed.
    package func markChanged() { version += 1 }

    /// One parameter's values.
    package func read(_ entry: Entry) -> [Float] { Array(values.buffer(entry.range)) }

    /// Replaces one parameter's values.
    package func write(_ entry: Entry, _ new: [Float]) {
        precondition(new.count == entry.range.count, "a parameter keeps its size")
        _ = values.buffer(entry.range).update(fromContentsOf: new)
        markChanged()
    }

    /// A hash of all values' bits: equal networks have equal hashes.
    package var hash: UInt64 {
        values.buffer(0..<count).reduce(0xCBF2_9CE4_8422_2325) {
            RandomKey.mix($0 ^ UInt64($1.bitPattern))
        }
    }
}
