import StrataKernels

/// Rows that are gone through block by block: as few blocks as a limit allows, of about one size.
package struct RowBlocks: Sendable {
    /// Rows in all.
    package let rows: Int
    /// Rows of every block but the last.
    package let size: Int

    /// Cuts rows into blocks.
    ///
    /// - Parameters:
    ///   - limit: rows of a block, at most; nil: all of them.
    ///   - precision: of the products. Those over rows in pairs add up several words at a time, which a
    ///     cut must not part.
    package init(rows: Int, limit: Int?, precision: Precision) {
        self.rows = rows
        guard let limit, limit < rows else {
            size = max(1, rows)
            return
        }
        let count = (rows + limit - 1) / limit
        let even = (rows + count - 1) / count
        // In whole tiles.
        let unit = precision == .bfloat16 ? 2 * Kernels.largestPairStep : Kernels.strip
        size = min(limit, (even + unit - 1) / unit * unit)
    }

    /// How many blocks there are.
    package var count: Int { (rows + size - 1) / size }

    /// The block that begins at a row.
    package func block(from first: Int) -> Range<Int> { first..<min(first + size, rows) }
}
