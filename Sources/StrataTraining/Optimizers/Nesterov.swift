public import StrataSchema

/// Gradient descent with Nesterov's momentum (Sutskever 2013).
public struct Nesterov: Optimizer {
    public var learningRate = 0.1
    /// How much of the last step is repeated.
    public var momentum = 0.9
    public init() {}
    /// Creates the rule.
    public init(learningRate: Double, momentum: Double = 0.9) {
        self.learningRate = learningRate
        self.momentum = momentum
    }
    public static let type = "nesterov"
    public static let aliases = ["Nesterovs", "NESTEROVS"]
    public static let schema = Schema<Self>(
        "Gradient descent with Nesterov's momentum (Sutskever 2013).",
        [.learningRate, .momentum(\.momentum)])
    public var rule: UpdateRule { UpdateRule(kind: .nesterov, momentum: momentum) }
}
