internal import CStrataKernels

// Weights in int8, with a scale for each column, in the memory of packed panels.
extension Kernels {
    /// How many numbers of a row products with weights in int8 add up exactly, with one scale.
    package static let byteBlock = Int(SK_BYTE_BLOCK)

    /// Rounds packed panels of `stride` floats to panels of `quantisedStride` floats, which may be the
    /// same ones; the depth is at least 2.
    package func quantise(
        _ quantised: UnsafeMutablePointer<Float>, stride quantisedStride: Int,
        from packed: UnsafePointer<Float>, stride: Int, depth: Int, panels: Range<Int>
    ) {
        table.pointee.quantise(
            quantised, quantisedStride, packed, stride, depth, panels.lowerBound, panels.upperBound)
    }

    /// Rounds panels that were packed without gaps, in place.
    ///
    /// With a depth of one they stay as they are, and products read them so: a column's only number
    /// is its scale.
    package func quantise(_ packed: UnsafeMutablePointer<Float>, depth: Int, panels: Range<Int>) {
        guard depth > 1 else { return }
        let stride = depth * panelWidth
        quantise(packed, stride: stride, from: packed, stride: stride, depth: depth, panels: panels)
    }
}
