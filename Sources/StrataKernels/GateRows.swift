/// Rows of gates, or of their gradients, panel by panel.
package struct GateRows {
    /// The first row of the first panel.
    package var base: UnsafePointer<Float>
    /// Floats from one panel to the next; in pairs words.
    package var panelStride: Int
    /// `.float32`, or `.bfloat16` for rows of pairs along the lanes.
    package var precision: PrecisionCode

    package init(_ base: UnsafePointer<Float>, panelStride: Int, precision: PrecisionCode) {
        self.base = base
        self.panelStride = panelStride
        self.precision = precision
    }
}
