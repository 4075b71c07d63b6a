internal import CStrataKernels

// Numbers in bfloat16, as pairs in the words of memory for floats.
extension Kernels {
    /// Words that hold `count` numbers as pairs.
    package static func pairs(_ count: Int) -> Int { (count + 1) / 2 }

    /// Rounds packed panels to pairs along their depth.
    ///
    /// In place, a panel keeps its start and fills the first half of its place; otherwise panels of
    /// `stride` floats become panels of `halvedStride` words.
    package func halve(
        _ halved: UnsafeMutablePointer<Float>, stride halvedStride: Int,
        from packed: UnsafePointer<Float>, stride: Int, depth: Int, panels: Range<Int>
    ) {
        table.pointee.halve(
            halved, halvedStride, packed, stride, depth, panels.lowerBound, panels.upperBound)
    }

    /// Rounds panels that were packed without gaps, in place.
    package func halve(_ packed: UnsafeMutablePointer<Float>, depth: Int, panels: Range<Int>) {
        let stride = depth * panelWidth
        halve(packed, stride: stride, from: packed, stride: stride, depth: depth, panels: panels)
    }

    /// Turns panels of rows in pairs along their columns into panels in pairs along their depth.
    ///
    /// - Parameter stride: words of a panel of rows; the panels that result lie twice as far apart.
    package func halveColumns(
        _ halved: UnsafeMutablePointer<Float>, from rows: UnsafePointer<Float>, stride: Int,
        depth: Int, panels: Range<Int>
    ) {
        table.pointee.halve_columns(
            halved, 2 * stride, rows, stride, depth, panels.lowerBound, panels.upperBound)
    }

    /// Rounds rows to pairs along their columns.
    package func halveRows(
        _ halved: UnsafeMutablePointer<Float>, stride halvedStride: Int,
        from x: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int
    ) {
        table.pointee.halve_rows(halved, halvedStride, x, stride, rows, columns)
    }

    /// Rounds some rows of panels to pairs along their columns.
    ///
    /// The halves lie as the panels do, every stride halved.
    /// - Parameter columns: in all panels of the matrix together.
    package func halveRows(
        _ halved: UnsafeMutablePointer<Float>, ofPanels panels: Range<Int>,
        from x: UnsafePointer<Float>, stride: Int, rows: Range<Int>, columns: Int
    ) {
        for panel in panels {
            let first = panel * stride + rows.lowerBound * panelWidth
            halveRows(
                halved + first / 2, stride: panelWidth / 2, from: x + first, stride: panelWidth,
                rows: rows.count, columns: min(panelWidth, columns - panel * panelWidth))
        }
    }
}

extension Float {
    /// The nearest number of bfloat16, ties to even, as kernels round: denormal numbers become zero.
    package var roundedToBFloat16: Float {
        guard isFinite else { return self }
        if isSubnormal { return sign == .minus ? -0.0 : 0 }
        return Float(bitPattern: (bitPattern + 0x7FFF + (bitPattern >> 16 & 1)) & 0xFFFF_0000)
    }
}
