public import StrataSchema

/// How a weight matrix is filled before training.
public enum Initializer: String, ConfigChoice {
    /// Normal, variance 2 / (fanIn + fanOut) (Glorot and Bengio 2010).
    case xavier
    /// Uniform within ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
    case xavierUniform = "xavier_uniform"
    /// Normal, variance 2 / fanIn (He et al. 2015).
    case he
    /// Normal, variance 1 / fanIn (LeCun et al. 1998).
    case lecun
    /// Uniform within ±1 / sqrt(fanIn), for recurrent layers ±1 / sqrt(units).
    case uniform
    /// Normal, standard deviation 0.01.
    case normal
    /// Random orthogonal rows or columns (Saxe et al. 2014).
    case orthogonal
    /// Ones on the diagonal, zeros elsewhere.
    case identity
    /// Zeros.
    case zeros

    /// Deeplearning4j's spellings.
    public static let aliases: [String: Initializer] = [
        "XAVIER": .xavier, "XAVIER_UNIFORM": .xavierUniform, "RELU": .he,
        "LECUN_NORMAL": .lecun, "UNIFORM": .uniform, "NORMAL": .normal, "IDENTITY": .identity,
        "ZERO": .zeros,
    ]
}

/// How one parameter is filled; matrices are filled block by block of their columns.
public enum ParameterFill: Hashable, Sendable {
    /// Random or structured, with the fans that set its scale.
    case initializer(Initializer, fanIn: Int, fanOut: Int)
    /// One constant for each column block.
    case constants([Double])
}

/// One parameter of a layer: its name, shape and start.
public struct ParameterSpec: Hashable, Sendable {
    /// The name within the layer: `W`, `R`, `b`, `p`.
    public var name: String
    /// The sizes, row-major.
    public var shape: [Int]
    /// Equal blocks of columns that are filled independently, such as the four gates.
    public var blocks: Int
    /// How it starts.
    public var fill: ParameterFill
    /// Whether L1, L2 and weight decay act on it (weights yes, biases no).
    public var decays: Bool
    /// Whether a training step overwrites the whole gradient; otherwise it adds to it, and the
    /// gradient is zero before.
    public var overwritesGradient: Bool

    /// Creates a spec.
    public init(
        _ name: String, shape: [Int], blocks: Int = 1, fill: ParameterFill, decays: Bool,
        overwritesGradient: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.blocks = blocks
        self.fill = fill
        self.decays = decays
        self.overwritesGradient = overwritesGradient
    }

    /// How many numbers it has.
    public var count: Int { shape.reduce(1, *) }
}
