public import StrataSchema

/// How a trained network reads the weights of its products.
///
/// A step of one sequence, as when a text is generated, reads every weight once and does little with it:
/// its time is that of reading, and rounded weights make it shorter. Where there are more rows, as in an
/// evaluation, weights are rounded to the same values and kept in float32, which takes as long as ever.
public enum WeightPrecision: String, ConfigChoice {
    /// Not rounded.
    case float32
    /// Rounded to bfloat16 (8 bits of precision): half the memory to read. Biases, peepholes and
    /// rows that are looked up by a token stay as they were trained, and all arithmetic is in float32.
    case bfloat16
    /// Rounded to integers from -127 to 127 with a scale for each column of a matrix: a quarter of the
    /// memory to read. What is multiplied by them is rounded to 16 bits in each single step; products
    /// and their sums are exact integers. The rest stays as with ``bfloat16``.
    case int8
}
