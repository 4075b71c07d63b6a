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
