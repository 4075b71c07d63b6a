package import StrataGraph
package import StrataRuntime

/// Batches of examples in an order that is drawn anew for every pass.
///
/// A window holds B whole examples, padded to the longest of all; state starts from zero at each.
/// The same seed gives the same orders.
package struct ExampleWindows: BatchSource {
    package let steps: Int
    package let batch: Int
    package let count: Int
    private let table: ExampleTable
    /// Nil: the examples stay in their order.
    private let seed: UInt64?

    /// The batch where none is asked for: all examples, up to this many.
    package static let standardBatch = 32

    /// Cuts examples into batches.
    ///
    /// - Parameters:
    ///   - batch: examples side by side, at least 1; nil: all up to ``standardBatch``.
    ///   - steps: steps of a window, at least the longest example's; nil: exactly those.
    ///   - seed: what the orders follow from; nil: the examples stay in their order.
    package init(table: ExampleTable, batch: Int?, steps: Int? = nil, seed: UInt64?) {
        self.table = table
        self.seed = seed
        self.steps = steps ?? Self.steps(of: table)
        self.batch = batch ?? min(Self.standardBatch, table.count)
        count = (table.count + self.batch - 1) / self.batch
    }

    /// The steps of the longest example.
    package static func steps(of table: ExampleTable) -> Int { table.inputs.lengths.max() ?? 1 }

    package var input: TensorSpec { table.inputs.spec.inWindows }
    package var target: TargetSpec { table.target }

    package func startsStream(_ window: Int) -> Bool { true }

    package func fill(_ window: Int, epoch: Int, into executor: Executor) -> Bool {
        let order = seed.map { seed in
            ExampleOrder(
                count: table.count,
                key: RandomKey.derive(seed: seed, purpose: "examples", index: UInt64(epoch)))
        }
        let (first, count) = (window * batch, table.count)
        let example = { (column: Int) -> Int? in
            let place = first + column
            guard place < count else { return nil }
            return order?[place] ?? place
        }
        table.fillTargets(executor, example: example)
        return table.inputs.fill(executor, example: example)
    }
}

extension TensorSpec {
    /// The shape in the windows of a network: vectors are sequences of one step there, since only
    /// steps can be masked, and a last batch that is not full is.
    package var inWindows: TensorSpec {
        TensorSpec(features: features, isSequence: true, values: values)
    }
}
