public import StrataGraph
public import StrataSchema

/// Long short-term memory with peepholes (Graves 2013, equations 7 to 11).
///
///     z = x W + h' R + b          (h', c': the step before)
///     i = gate(z_i + p_i ⊙ c');  f = gate(z_f + p_f ⊙ c');  g = act(z_g)
///     c = f ⊙ c' + i ⊙ g
///     o = gate(z_o + p_o ⊙ c);   h = o ⊙ act(c)
///
/// ## Shapes        input [T, B, I] or tokens [T, B] of I classes -> output [T, B, H]
/// ## Parameters    W [I, 4H] · R [H, 4H] · b [4H] (i, f, g, o) · p [3, H] (i, f, o)
/// ## State         h, c [B, H]; carried across windows; zero at the start of a stream
public struct GravesLSTM: LSTMKind, FusingLayer {
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

    public static let type = "graves_lstm"
    public static let aliases = ["GravesLSTM"]
    public static let schema = Schema<Self>(
        "Long short-term memory with peepholes: the gates also see the cell (Graves 2013).",
        fields)
    public static let hasPeepholes = true
}
