internal import CStrataKernels

// Products, and the packing of their right-hand matrices.
extension Kernels {
    /// Computes rows and panels of a product.
    package func gemm(_ arguments: GemmArguments, rows: Range<Int>, panels: Range<Int>) {
        withUnsafePointer(to: arguments) {
            table.pointee.gemm(
                $0, rows.lowerBound, rows.upperBound, panels.lowerBound, panels.upperBound)
        }
    }

    /// Packs plain panels of a matrix of `depth` rows and `columns` columns.
    ///
    /// - Parameter precision: in both kinds of bfloat16, panels are in pairs; see ``words(of:in:)``.
    package func pack(
        _ packed: UnsafeMutablePointer<Float>, from matrix: UnsafePointer<Float>, stride: Int,
        depth: Int, columns: Int, precision: PrecisionCode = .float32, panels: Range<Int>
    ) {
        table.pointee.pack(
            packed, matrix, stride, depth, columns, precision, panels.lowerBound,
            panels.upperBound)
    }

    /// Packs plain panels of the transpose of a matrix of `columns` rows and `depth` columns.
    package func packTransposed(
        _ packed: UnsafeMutablePointer<Float>, from matrix: UnsafePointer<Float>, stride: Int,
        depth: Int, columns: Int, precision: PrecisionCode = .float32, panels: Range<Int>
    ) {
        table.pointee.pack_transposed(
            packed, matrix, stride, depth, columns, precision, panels.lowerBound,
            panels.upperBound)
    }

    /// Packs gate panels of a dense matrix `[depth, 4 units]`.
    package func packGates(
        _ packed: UnsafeMutablePointer<Float>, from matrix: UnsafePointer<Float>, depth: Int,
        units: Int, precision: PrecisionCode = .float32, panels: Range<Int>
    ) {
        table.pointee.pack_gates(
            packed, matrix, depth, units, precision, panels.lowerBound, panels.upperBound)
    }

    /// Packs plain panels of the transpose of a dense matrix `[columns, 4 units]`, its depth in the
    /// order of gate panels.
    package func packGatesTransposed(
        _ packed: UnsafeMutablePointer<Float>, from matrix: UnsafePointer<Float>, columns: Int,
        units: Int, precision: PrecisionCode = .float32, panels: Range<Int>
    ) {
        table.pointee.pack_gates_transposed(
            packed, matrix, columns, units, precision, panels.lowerBound, panels.upperBound)
    }

    /// Floats that one column of a packed matrix of `depth` rows takes; in pairs words.
    package static func words(of depth: Int, in precision: PrecisionCode) -> Int {
        precision == .bfloat16 || precision == .bfloat16Weights ? pairs(depth) : depth
    }
}
