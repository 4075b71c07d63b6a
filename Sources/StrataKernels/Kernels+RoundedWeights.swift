// Weights that stay in float32, rounded to the values that they have in other precisions: what a rounding
// costs can be told of many rows at once, by products that do not know of it.
extension Kernels {
    /// Rounds panels that were packed without gaps to values of bfloat16, as ``halve`` does.
    package func roundToBFloat16(
        _ packed: UnsafeMutablePointer<Float>, depth: Int, panels: Range<Int>
    ) {
        let stride = depth * panelWidth
        for index in panels.lowerBound * stride..<panels.upperBound * stride {
            packed[index] = packed[index].roundedToBFloat16
        }
    }

    /// Rounds panels that were packed without gaps to multiples of a scale for each column, as
    /// ``quantise(_:depth:panels:)`` does.
    package func roundToInt8(
        _ packed: UnsafeMutablePointer<Float>, depth: Int, panels: Range<Int>
    ) {
        guard depth > 1 else { return }
        for panel in panels {
            for column in 0..<panelWidth {
                let first = packed + panel * depth * panelWidth + column
                Self.roundColumn(first, stride: panelWidth, count: depth)
            }
        }
    }

    private static func roundColumn(
        _ first: UnsafeMutablePointer<Float>, stride: Int, count: Int
    ) {
        let limit: Float = 127
        let places = Swift.stride(from: 0, to: count * stride, by: stride)
        var largest: Float = 0
        for place in places {
            let magnitude = abs(first[place])
            // Otherwise what is not finite could be passed over, for no comparison finds NaN larger.
            largest = magnitude.isFinite ? max(largest, magnitude) : .nan
            if largest.isNaN { break }
        }
        let scale = largest / limit, inverse = limit / largest
        for place in places {
            // Of a column that is not finite, all becomes NaN.
            first[place] =
                largest < limit * 0x1p-125
                ? 0 : (first[place] * inverse).rounded(.toNearestOrEven) * scale
        }
    }
}
