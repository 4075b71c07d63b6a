public import StrataGraph
public import StrataSchema

/// Fully connected layer, applied to every row: y = act(x W + b).
///
/// ## Shapes        input [T, B, I] or [B, I] -> output of as many rows with H features
/// ## Parameters    W [I, H] · b [H]
public struct Dense: Layer {
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

    private var cell: DenseCell {
        DenseCell(units: units, activation: activation, initializer: initializer, hasBias: bias)
    }

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        try cell.plan(inputs: inputs)
    }

    public func prepare(_ pass: borrowing PreparePass) { cell.prepare(pass) }
    public func forward(_ pass: borrowing ForwardPass) { cell.forward(pass, keepsInput: true) }
    public func backward(_ pass: borrowing BackwardPass) { cell.backward(pass) }

    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        let sums = cell.referenceSums(&pass)
        return pass.activate(sums, activation)
    }

    /// A following activation layer becomes this layer's activation.
    public func fused(with next: any Layer) -> (any Layer)? {
        guard activation == .identity, let next = next as? ActivationLayer else { return nil }
        var fused = self
        fused.activation = next.activation
        return fused
    }
}
