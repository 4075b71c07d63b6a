import CStrataKernels
import StrataGraph
import StrataKernels

/// Sizes of packed matrices that suffice for every instruction set (L divides 16).
enum PackedSize {
    /// Floats for K rows of plain panels over N columns.
    static func plain(depth: Int, columns: Int) -> Int { depth * roundUp(columns, 64) }

    /// The buffer of a packed matrix; gate panels count as 4 H columns of whole vectors.
    static func buffer(
        _ name: String, _ lifetime: BufferSpec.Lifetime, depth: Int, columns: Int
    ) -> BufferSpec {
        BufferSpec(
            name, lifetime, fixed: plain(depth: depth, columns: columns),
            fixedInPairs: plain(depth: Kernels.pairs(depth), columns: columns))
    }

    /// Words from one row of numbers in bfloat16 to the next.
    static func halfStride(_ columns: Int) -> Int { roundUp(Kernels.pairs(columns), 16) }

    /// Depth of a product that reads gate panels of H units.
    static func gateDepth(_ units: Int) -> Int { 4 * roundUp(units, 16) }

    static func roundUp(_ value: Int, _ multiple: Int) -> Int {
        (value + multiple - 1) / multiple * multiple
    }
}

extension Worker {
    /// This worker's tile of a product with plain panels.
    func tile(rows: Int, columns: Int, _ kernels: Kernels) -> Tile {
        tile(
            rows: rows, panels: kernels.plainPanels(columns),
            vectors: kernels.plainVectors(columns))
    }

    /// This worker's part of some columns, in whole vectors.
    func share(ofColumns columns: Int, _ kernels: Kernels) -> Range<Int> {
        let vectors = share(of: kernels.plainVectors(columns))
        let first = min(columns, vectors.lowerBound * kernels.lanes)
        return first..<min(columns, vectors.upperBound * kernels.lanes)
    }
}

extension RunFacts {
    /// Whether products multiply pairs of numbers in bfloat16.
    var multipliesPairs: Bool { precision == .bfloat16 }

    /// How products multiply.
    var productPrecision: PrecisionCode {
        switch (precision, isSingleRow ? weights : .float32) {
        case (.bfloat16, _): .bfloat16
        case (.float32, .float32): .float32
        case (.float32, .bfloat16): .bfloat16Weights
        case (.float32, .int8): .int8Weights
        }
    }

    /// Rounds panels of weights that were just packed, where packing has not done it: to int8, or, where
    /// products read float32, to numbers that have other precisions' values.
    func roundWeights(_ packed: UnsafeMutablePointer<Float>, depth: Int, panels: Range<Int>) {
        switch (productPrecision, weights) {
        case (.int8Weights, _): kernels.quantise(packed, depth: depth, panels: panels)
        case (.float32, .bfloat16):
            kernels.roundToBFloat16(packed, depth: depth, panels: panels)
        case (.float32, .int8): kernels.roundToInt8(packed, depth: depth, panels: panels)
        default: break
        }
    }

    /// Floats, or words of pairs, from one packed panel of a matrix to the next.
    func panelStride(depth: Int) -> Int {
        Kernels.words(of: depth, in: productPrecision) * kernels.panelWidth
    }

    /// Rounds a worker's share of some rows of x to pairs; all meet afterwards.
    func halve(
        _ x: TensorView, rows: Range<Int>, to halves: UnsafeMutablePointer<Float>, _ worker: Worker
    ) {
        let (mine, stride) = (worker.share(of: rows.count), PackedSize.halfStride(x.features))
        kernels.halveRows(
            halves + mine.lowerBound * stride, stride: stride,
            from: x.row(rows.lowerBound + mine.lowerBound), stride: x.stride, rows: mine.count,
            columns: x.features)
        worker.barrier()
    }

    /// A product a · weights, to be told of its result.
    ///
    /// - Parameters:
    ///   - a: rows of numbers; in bfloat16 in pairs along their columns.
    ///   - depth: numbers in a row.
    func rowProduct(
        of a: UnsafeMutablePointer<Float>, depth: Int, weights: UnsafeMutablePointer<Float>
    ) -> GemmArguments {
        var product = GemmArguments()
        product.a = UnsafePointer(a)
        product.a_row =
            multipliesPairs ? PackedSize.halfStride(depth) : TensorSpec.rowStride(depth)
        product.depth = words(depth)
        product.a_block_depth = product.depth
        product.precision = productPrecision
        product.b = UnsafePointer(weights)
        product.b_panel = panelStride(depth: depth)
        return product
    }

    /// A weight gradient's product aᵀ · gradient, to be told of the gradient and the result.
    ///
    /// - Parameter a: rows of activations; in bfloat16 in pairs along their columns.
    func transposedProduct(
        of a: UnsafeMutablePointer<Float>, stride: Int, rows: Int, _ worker: Worker
    ) -> GemmArguments {
        var product = GemmArguments()
        product.a = UnsafePointer(a)
        product.a_row = stride
        product.a_rows = rows
        product.depth = words(rows)
        product.precision = productPrecision
        product.scratch = worker.scratch.floats
        return product
    }

    /// Floats that hold `count` numbers which a product reads, or words of pairs.
    func words(_ count: Int) -> Int { multipliesPairs ? Kernels.pairs(count) : count }
}
