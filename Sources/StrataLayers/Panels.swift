/// Sizes of packed matrices that suffice for every instruction set (L divides 16).
enum PackedSize {
    /// Floats for K rows of plain panels over N columns.
    static func plain(depth: Int, columns: Int) -> Int { depth * roundUp(columns, 64) }

    /// Floats for K rows of gate panels over H units.
    static func gates(depth: Int, units: Int) -> Int { depth * 4 * roundUp(units, 16) }

    /// Depth of a product that reads gate panels of H units.
    static func gateDepth(_ units: Int) -> Int { 4 * roundUp(units, 16) }

    static func roundUp(_ value: Int, _ multiple: Int) -> Int {
        (value + multiple - 1) / multiple * multiple
    }
}
