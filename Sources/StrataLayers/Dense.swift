public import StrataGraph
public import StrataSchema

/// Fully connected layer, applied to every row: y = act(x W + b).
///
/// ## Shapes        input [T, B, I] or [B, I] -> output of as many rows with H features
/// ## Parameters    W [I, H] · b [H]
public struct Dense: Layer, FusingLayer {
    /// Outputs per row H.
    public var units = 128
    /// The function of the sums.
    public var activation = Activation.identity
    /// How W is filled.
    public var initializer = Initializer.xavier
    /// Whether a bias is added.
    public var bias = true

    public init() {}

    /// Creates a layer of H units.
    public init(
        units: Int, activation: Activation = .identity, initializer: Initializer = .xavier,
        bias: Bool = true
    ) {
        self.units = units
        self.activation = activation
        self.initializer = initializer
        self.bias = bias
    }

    public static let type = "dense"
    public static let aliases = ["DenseLayer"]
    public static let schema = Schema<Self>(
        "Fully connected layer, applied to every row.",
        [
            .init("units", \.units, .size, doc: "Outputs per row."),
            .init("activation", \.activation, doc: "The function of the sums."),
            .init("initializer", \.initializer, doc: "How the weights are filled."),
            .init("bias", \.bias, doc: "Whether a bias is added."),
        ])

    func cell(before tail: ElementwiseChain) -> DenseCell {
        DenseCell(
            units: units, activation: activation, initializer: initializer, hasBias: bias,
            tail: tail)
    }

    /// A softmax is not a function of single values.
    func takes(_ tail: ElementwiseChain) -> Bool { activation != .softmax }

    /// Functions of single values join the layer's own; a softmax may become its activation.
    public func fused(with next: any Layer, named name: String) -> (any Layer)? {
        guard (next as? ActivationLayer)?.activation == .softmax else {
            return taking(next, named: name)
        }
        guard activation == .identity else { return nil }
        var fused = self
        fused.activation = .softmax
        return fused
    }
}
