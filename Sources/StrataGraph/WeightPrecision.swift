/// How a network that is fed single steps keeps its weights in memory.
///
/// A step of one sequence reads every weight once and does little with it, so its time is that of
/// reading. All arithmetic is in float32 either way.
public enum WeightPrecision: String, CaseIterable, Sendable {
    /// As they were trained.
    case float32
    /// Rounded to bfloat16 (8 bits of precision): half the memory to read. Biases, peepholes and
    /// rows that are looked up by a token stay as they were trained.
    case bfloat16
}
