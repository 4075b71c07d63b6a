public import StrataSchema

/// How parameters follow their gradients.
///
/// A kind is a type of this protocol and one line in ``OptimizerCatalog``. The arithmetic of all
/// kinds is one kernel over the flat parameter buffer, chosen by the ``UpdateRule``.
public protocol Optimizer: NamedConfigurable {
    /// The step size.
    var learningRate: Double { get set }
    /// The kernel's arithmetic with this kind's constants.
    var rule: UpdateRule { get }
}

/// The constants of one update of the parameters; unused ones are 0.
public struct UpdateRule: Hashable, Sendable {
    /// The arithmetic, in the kernels' order.
    package enum Kind: UInt32, Sendable { case sgd, nesterov, adam, rmsprop, adagrad }

    package var kind: Kind
    package var momentum = 0.0
    package var beta1 = 0.0
    package var beta2 = 0.0
    package var epsilon = 0.0
    package var weightDecay = 0.0

    /// Whether a first moment is kept for every parameter.
    package var keepsFirstMoment: Bool {
        switch kind {
        case .sgd: momentum > 0
        case .nesterov, .adam: true
        case .rmsprop, .adagrad: false
        }
    }

    /// Whether a second moment is kept for every parameter.
    package var keepsSecondMoment: Bool {
        kind == .adam || kind == .rmsprop || kind == .adagrad
    }
}

extension Field where Root: Optimizer {
    fileprivate static var learningRate: Self {
        .init("learning_rate", \.learningRate, .positive, doc: "The step size.")
    }
}

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
        [
            .learningRate,
            .init("momentum", \.momentum, .fraction, doc: "How much of the last step is repeated."),
        ])
    public var rule: UpdateRule { UpdateRule(kind: .sgd, momentum: momentum) }
}

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
        [
            .learningRate,
            .init("momentum", \.momentum, .fraction, doc: "How much of the last step is repeated."),
        ])
    public var rule: UpdateRule { UpdateRule(kind: .nesterov, momentum: momentum) }
}

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
        [
            .learningRate,
            .init(
                "beta1", \.beta1, .fraction, doc: "How slowly the mean of the gradients forgets."),
            .init(
                "beta2", \.beta2, .fraction, doc: "How slowly the mean of their squares forgets."),
            .init("epsilon", \.epsilon, .positive, doc: "Added to the root of the squares."),
        ])
    public var rule: UpdateRule {
        UpdateRule(kind: .adam, beta1: beta1, beta2: beta2, epsilon: epsilon)
    }
}

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
            .learningRate,
            .init(
                "beta1", \.beta1, .fraction, doc: "How slowly the mean of the gradients forgets."),
            .init(
                "beta2", \.beta2, .fraction, doc: "How slowly the mean of their squares forgets."),
            .init("epsilon", \.epsilon, .positive, doc: "Added to the root of the squares."),
            .init(
                "weight_decay", \.weightDecay, .notNegative,
                doc: "The share of each weight, times the rate, that a step takes away."),
        ])
    public var rule: UpdateRule {
        UpdateRule(
            kind: .adam, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }
}

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
            .init("epsilon", \.epsilon, .positive, doc: "Added to the root."),
        ])
    public var rule: UpdateRule { UpdateRule(kind: .rmsprop, beta2: decay, epsilon: epsilon) }
}

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
        [
            .learningRate,
            .init("epsilon", \.epsilon, .positive, doc: "Added to the root."),
        ])
    public var rule: UpdateRule { UpdateRule(kind: .adagrad, epsilon: epsilon) }
}

/// The optimizers that a spec can name.
public enum OptimizerCatalog {
    /// All kinds.
    ///
    /// A new kind is one more line.
    public static let standard = Catalog<any Optimizer>(
        "optimizer",
        [
            .init(SGD.self) { $0 },
            .init(Nesterov.self) { $0 },
            .init(Adam.self) { $0 },
            .init(AdamW.self) { $0 },
            .init(RMSProp.self) { $0 },
            .init(AdaGrad.self) { $0 },
        ])
}

/// The value of the key `optimizer`.
public struct OptimizerSpec: ConfigRepresentable {
    /// The optimizer with its settings.
    public var optimizer: any Optimizer

    /// Wraps an optimizer.
    public init(_ optimizer: any Optimizer) { self.optimizer = optimizer }

    public static var typeName: String { "optimizer" }
    public static var jsonSchema: ConfigValue { OptimizerCatalog.standard.jsonSchema() }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self? {
        OptimizerCatalog.standard.decode(node, &context).map { OptimizerSpec($0) }
    }
    public var config: ConfigValue { optimizer.config }
    /// Whether kind and settings are equal.
    public static func == (a: Self, b: Self) -> Bool { a.config == b.config }
}
