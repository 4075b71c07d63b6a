/// How the rows of a tensor lie in memory: whole, or cut into panels of four vectors of columns.
package struct RowStrides: Sendable {
    /// Floats from one row to the next.
    package let row: Int
    /// Floats from one panel of a row to the next.
    package let panel: Int

    /// Whole rows that are `stride` floats apart.
    package static func rows(_ stride: Int, _ kernels: Kernels) -> RowStrides {
        RowStrides(row: stride, panel: kernels.panelWidth)
    }

    /// Panels, each with all rows, that are `stride` floats apart.
    package static func panels(_ stride: Int, _ kernels: Kernels) -> RowStrides {
        RowStrides(row: kernels.panelWidth, panel: stride)
    }
}
