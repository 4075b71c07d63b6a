/// How a network that is fed single steps keeps its weights in memory.
///
/// A step of one sequence reads every weight once and does little with it, so its time is that of
/// reading.
public enum WeightPrecision: String, CaseIterable, Sendable {
    /// As they were trained.
    case float32
    /// Rounded to bfloat16 (8 bits of precision): half the memory to read. Biases, peepholes and
    /// rows that are looked up by a token stay as they were trained, and all arithmetic is in float32.
    case bfloat16
    /// Rounded to integers from -127 to 127 with a scale for each column of a matrix: a quarter of the
    /// memory to read. What is multiplied by them is rounded to 16 bits in each step; products and
    /// their sums are exact integers. The rest stays as with ``bfloat16``.
    case int8
}
