public import StrataSchema

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2).
public struct AdamW: Optimizer {
    public var learningRate = 1e-3
    /// How slowly the mean of the gradients forgets.
    public var beta1 = 0.9
    /// How slowly the mean of their squares forgets.
    public var beta2 = 0.999
    /// Added to the root of the squares.
    public var epsilon = 1e-8
    /// The share of each weight, times the rate, that a step takes away.
    public var weightDecay = 0.01
    public init() {}
    /// Creates the rule.
    public init(learningRate: Double, weightDecay: Double = 0.01) {
        self.learningRate = learningRate
        self.weightDecay = weightDecay
    }
    public static let type = "adamw"
    public static let aliases = ["AdamW"]
    public static let schema = Schema<Self>(
        "Adam with decoupled weight decay (Loshchilov and Hutter 2019).",
        [
            .learningRate, .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon),
            .init(
                "weight_decay", \.weightDecay, .notNegative,
                doc: "The share of each weight, times the rate, that a step takes away."),
        ])
    public var rule: UpdateRule {
        UpdateRule(
            kind: .adam, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }
}
