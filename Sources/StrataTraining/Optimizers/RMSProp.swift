public import StrataSchema

/// Steps divided by the root of the mean square of the gradients (Tieleman and Hinton 2012).
public struct RMSProp: Optimizer {
    public var learningRate = 1e-3
    /// How slowly the mean of the squares forgets.
    public var decay = 0.95
    /// Added to the root.
    public var epsilon = 1e-8
    public init() {}
    /// Creates the rule.
    public init(learningRate: Double, decay: Double = 0.95) {
        self.learningRate = learningRate
        self.decay = decay
    }
    public static let type = "rmsprop"
    public static let aliases = ["RmsProp", "RMSPROP"]
    public static let schema = Schema<Self>(
        "Steps divided by the root of the mean square of the gradients (Tieleman and Hinton 2012).",
        [
            .learningRate,
            .init("decay", \.decay, .fraction, doc: "How slowly the mean of the squares forgets."),
            .epsilon(\.epsilon),
        ])
    public var rule: UpdateRule { UpdateRule(kind: .rmsprop, beta2: decay, epsilon: epsilon) }
}
