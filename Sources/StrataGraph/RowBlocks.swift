import StrataKernels

/// Rows that are gone through block by block: as few blocks as a limit allows, of about one size.
package struct RowBlocks: Sendable {
    /// Rows in all.
    package let rows: Int
    /// Rows of every block but the last.
    package let size: Int

    /// Cuts rows into blocks.
    ///
    /// - Parameter limit: rows of a block, at most; nil: all of them.
    package init(rows: Int, limit: Int?) {
        self.rows = rows
        guard let limit, limit < rows else {
            size = max(1, rows)
            return
        }
        let count = (rows + limit - 1) / limit
        let even = (rows + count - 1) / count
        // In whole tiles.
        size = min(limit, (even + Kernels.strip - 1) / Kernels.strip * Kernels.strip)
    }

    /// How many blocks there are.
    package var count: Int { (rows + size - 1) / size }

    /// The block that begins at a row.
    package func block(from first: Int) -> Range<Int> { first..<min(first + size, rows) }
}
