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

// Settings that several kinds have.
extension Field where Root: Optimizer {
    typealias Setting = any WritableKeyPath<Root, Double> & Sendable

    static var learningRate: Self {
        .init("learning_rate", \.learningRate, .positive, doc: "The step size.")
    }

    static func momentum(_ path: Setting) -> Self {
        .init("momentum", path, .fraction, doc: "How much of the last step is repeated.")
    }

    static func beta1(_ path: Setting) -> Self {
        .init("beta1", path, .fraction, doc: "How slowly the mean of the gradients forgets.")
    }

    static func beta2(_ path: Setting) -> Self {
        .init("beta2", path, .fraction, doc: "How slowly the mean of their squares forgets.")
    }

    static func epsilon(_ path: Setting) -> Self {
        .init("epsilon", path, .positive, doc: "Added to the root that steps are divided by.")
    }
}
