public import StrataSchema

/// Stochastic gradient descent, with momentum if asked for.
public struct SGD: Optimizer {
    public var learningRate = 0.1
    /// How much of the last step is repeated (Polyak 1964).
    public var momentum = 0.0
    public init() {}
    /// Creates the rule.
    public init(learningRate: Double, momentum: Double = 0) {
        self.learningRate = learningRate
        self.momentum = momentum
    }
    public static let type = "sgd"
    public static let aliases = ["Sgd", "SGD"]
    public static let schema = Schema<Self>(
        "Stochastic gradient descent.",
        [.learningRate, .momentum(\.momentum)])
    public var rule: UpdateRule { UpdateRule(kind: .sgd, momentum: momentum) }
}
