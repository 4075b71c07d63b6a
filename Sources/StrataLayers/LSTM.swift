public import StrataGraph
public import StrataSchema

/// Long short-term memory with forget gates (Gers 2000).
///
///     z = x W + h' R + b          (h', c': the step before)
///     i, f, o = gate(z_i), gate(z_f), gate(z_o);  g = act(z_g)
///     c = f ⊙ c' + i ⊙ g
///     h = o ⊙ act(c)
///
/// ## Shapes        input [T, B, I] or tokens [T, B] of I classes -> output [T, B, H]
/// ## Parameters    W [I, 4H] · R [H, 4H] · b [4H], gates in the order i, f, g, o
/// ## State         h, c [B, H]; carried across windows; zero at the start of a stream
public struct LSTM: LSTMKind, FusingLayer {
    /// Hidden units H.
    public var units = 128
    /// The function of the candidate and of the cell.
    public var activation = Activation.tanh
    /// The function of the three gates.
    public var gateActivation = Activation.sigmoid
    /// How W is filled.
    public var initializer = Initializer.xavier
    /// How R is filled; nil: like W.
    public var recurrentInitializer: Initializer?
    /// Where the forget gate's bias starts (Gers 2000: remember by default).
    public var forgetBias = 1.0

    public init() {}

    public static let type = "lstm"
    public static let aliases = ["LSTM"]
    public static let schema = Schema<Self>(
        "Long short-term memory (Gers 2000).",
        fields)
    public static let hasPeepholes = false
}
