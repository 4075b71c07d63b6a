import StrataGraph
import StrataKernels

/// Sizes of packed matrices that suffice for every instruction set (L divides 16).
enum PackedSize {
    /// Floats for K rows of plain panels over N columns.
    static func plain(depth: Int, columns: Int) -> Int { depth * roundUp(columns, 64) }

    /// Floats for K rows of gate panels over H units.
    static func gates(depth: Int, units: Int) -> Int { depth * 4 * roundUp(units, 16) }

    /// Floats a row takes in strips of its columns.
    static func strips(_ columns: Int) -> Int { roundUp(columns, Kernels.strip) }

    /// Words from one row of numbers in bfloat16 to the next.
    static func halfStride(_ columns: Int) -> Int { roundUp(Kernels.pairs(columns), 16) }

    /// Depth of a product that reads gate panels of H units.
    static func gateDepth(_ units: Int) -> Int { 4 * roundUp(units, 16) }

    static func roundUp(_ value: Int, _ multiple: Int) -> Int {
        (value + multiple - 1) / multiple * multiple
    }
}

extension Worker {
    /// A part of a product: rows by panels.
    typealias Tile = (rows: Range<Int>, panels: Range<Int>)

    /// This worker's tile of a product with plain panels.
    func tile(rows: Int, columns: Int, _ kernels: Kernels) -> Tile {
        tile(
            rows: rows, panels: kernels.plainPanels(columns),
            vectors: kernels.plainVectors(columns))
    }

    /// This worker's tile of a weight gradient with plain panels: rows in whole strips.
    func stripTile(rows: Int, columns: Int, _ kernels: Kernels) -> Tile {
        inStrips(
            tile(rows: Self.strips(rows), columns: columns, kernels), rows: rows)
    }

    /// This worker's tile of a weight gradient with gate panels: rows in whole strips.
    func stripTile(rows: Int, panels: Int) -> Tile {
        inStrips(tile(rows: Self.strips(rows), panels: panels), rows: rows)
    }

    private static func strips(_ rows: Int) -> Int { (rows + Kernels.strip - 1) / Kernels.strip }

    private func inStrips(_ tile: Tile, rows: Int) -> Tile {
        let begin = min(rows, tile.rows.lowerBound * Kernels.strip)
        let end = min(rows, tile.rows.upperBound * Kernels.strip)
        return (begin..<end, tile.panels)
    }
}

extension RunFacts {
    /// Whether products multiply pairs of numbers in bfloat16.
    var multipliesPairs: Bool { precision == .bfloat16 }

    /// How products multiply.
    var productPrecision: PrecisionCode {
        switch (precision, weights) {
        case (.bfloat16, _): .bfloat16
        case (.float32, .float32): .float32
        case (.float32, .bfloat16): .bfloat16Weights
        case (.float32, .int8): .int8Weights
        }
    }

    /// Rounds panels of weights that were just packed to what products read.
    func round(_ packed: UnsafeMutablePointer<Float>, depth: Int, panels: Range<Int>) {
        switch (precision, weights) {
        case (.float32, .float32): break
        case (.bfloat16, _), (.float32, .bfloat16):
            kernels.halve(packed, depth: depth, panels: panels)
        case (.float32, .int8): kernels.quantise(packed, depth: depth, panels: panels)
        }
    }

    /// The depth of a product over `count` numbers.
    func depth(_ count: Int) -> Int { multipliesPairs ? Kernels.pairs(count) : count }
}
