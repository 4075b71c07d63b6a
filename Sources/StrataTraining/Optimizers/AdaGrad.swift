public import StrataSchema

/// Steps divided by the root of the sum of all squared gradients (Duchi 2011).
public struct AdaGrad: Optimizer {
    public var learningRate = 0.01
    /// Added to the root.
    public var epsilon = 1e-6
    public init() {}
    /// Creates the rule.
    public init(learningRate: Double) { self.learningRate = learningRate }
    public static let type = "adagrad"
    public static let aliases = ["AdaGrad", "ADAGRAD"]
    public static let schema = Schema<Self>(
        "Steps divided by the root of the sum of all squared gradients (Duchi 2011).",
        [.learningRate, .epsilon(\.epsilon)])
    public var rule: UpdateRule { UpdateRule(kind: .adagrad, epsilon: epsilon) }
}
