public import StrataSchema

/// Adaptive moments (Kingma and Ba 2015, algorithm 1).
public struct Adam: Optimizer {
    public var learningRate = 1e-3
    /// How slowly the mean of the gradients forgets.
    public var beta1 = 0.9
    /// How slowly the mean of their squares forgets.
    public var beta2 = 0.999
    /// Added to the root of the squares.
    public var epsilon = 1e-8
    public init() {}
    /// Creates the rule.
    public init(learningRate: Double) { self.learningRate = learningRate }
    public static let type = "adam"
    public static let aliases = ["Adam", "ADAM"]
    public static let schema = Schema<Self>(
        "Adaptive moments (Kingma and Ba 2015).",
        [.learningRate, .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon)])
    public var rule: UpdateRule {
        UpdateRule(kind: .adam, beta1: beta1, beta2: beta2, epsilon: epsilon)
    }
}
