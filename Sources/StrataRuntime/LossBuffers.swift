import StrataGraph

/// What one loss compares its output with, and what it computes: memory made once.
package final class LossBuffers: @unchecked Sendable {
    /// Rows of the output.
    package let rows: Int
    /// The class of each row; below 0 a row does not count.
    ///
    /// Used unless `usesValues`.
    package let classes: UnsafeMutableBufferPointer<Int32>
    /// Dense targets with the output's row stride; empty where the data have classes alone.
    package let values: Arena
    /// Whether the targets are the dense ones.
    package var usesValues = false {
        didSet { precondition(!usesValues || values.count > 0, "the loss was made for classes") }
    }
    package let rowWeights: UnsafeMutableBufferPointer<Float>
    package let rowLosses: UnsafeMutableBufferPointer<Double>
    /// Rows that count in the present run.
    package private(set) var countedRows = 0

    /// Allocates what a loss needs.
    ///
    /// - Parameter stride: floats from one dense target to the next; 0: there are none.
    package init(rows: Int, stride: Int) throws(RuntimeError) {
        self.rows = rows
        values = try Arena(count: rows * stride)
        classes = .allocate(capacity: rows)
        classes.initialize(repeating: -1)
        rowWeights = .allocate(capacity: rows)
        rowWeights.initialize(repeating: 0)
        rowLosses = .allocate(capacity: rows)
        rowLosses.initialize(repeating: 0)
    }

    /// The memory of one loss, in bytes.
    static func bytes(rows: Int, stride: Int) -> Double {
        let row =
            stride * MemoryLayout<Float>.stride + MemoryLayout<Int32>.stride
            + MemoryLayout<Float>.stride + MemoryLayout<Double>.stride
        return Double(rows) * Double(row)
    }

    deinit {
        classes.deallocate()
        rowWeights.deallocate()
        rowLosses.deallocate()
    }

    /// Gives every row that counts the same weight; `mask` has a number for each row.
    package func weigh(mask: UnsafePointer<Float>?) {
        func counts(_ row: Int) -> Bool {
            (usesValues || classes[row] >= 0) && (mask.map { $0[row] != 0 } ?? true)
        }
        countedRows = (0..<rows).reduce(0) { $0 + (counts($1) ? 1 : 0) }
        let weight = countedRows == 0 ? 0 : 1 / Float(countedRows)
        for row in 0..<rows { rowWeights[row] = counts(row) ? weight : 0 }
    }

    /// The sum of the losses of all rows that count, in the order of the rows.
    package var lossSum: Double {
        var sum = 0.0
        for row in 0..<rows where rowWeights[row] != 0 { sum += rowLosses[row] }
        return sum
    }
}
