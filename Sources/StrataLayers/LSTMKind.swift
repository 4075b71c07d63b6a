public import StrataGraph
public import StrataSchema

/// What `lstm` and `graves_lstm` have in common: settings, and everything that follows from them.
public protocol LSTMKind: Layer {
    /// Hidden units H.
    var units: Int { get set }
    /// The function of the candidate and of the cell.
    var activation: Activation { get set }
    /// The function of the three gates.
    var gateActivation: Activation { get set }
    /// How W is filled.
    var initializer: Initializer { get set }
    /// How R is filled; nil: like W.
    var recurrentInitializer: Initializer? { get set }
    /// Where the forget gate's bias starts (Gers 2000: remember by default).
    var forgetBias: Double { get set }
    /// Whether the gates see the cell.
    static var hasPeepholes: Bool { get }
}

extension LSTMKind {
    /// Creates a layer of H units.
    public init(
        units: Int, activation: Activation = .tanh, gateActivation: Activation = .sigmoid,
        initializer: Initializer = .xavier, recurrentInitializer: Initializer? = nil,
        forgetBias: Double = 1
    ) {
        self.init()
        self.units = units
        self.activation = activation
        self.gateActivation = gateActivation
        self.initializer = initializer
        self.recurrentInitializer = recurrentInitializer
        self.forgetBias = forgetBias
    }

    /// The settings of both kinds.
    static var fields: [Field<Self>] {
        [
            .init("units", \.units, .size, doc: "Hidden units H."),
            .init(
                "activation", \.activation,
                doc: "The function of the candidate and of the cell: any but softmax."),
            .init(
                "gate_activation", \.gateActivation,
                doc: "The function of the gates: any but softmax."),
            .init("initializer", \.initializer, doc: "How the input weights W are filled."),
            .init(
                "recurrent_initializer", \.recurrentInitializer,
                doc: "How the recurrent weights R are filled; unset: like W."),
            .init(
                "forget_bias", \.forgetBias, .finite, doc: "Where the forget gate's bias starts."),
        ]
    }

    func cell(before tail: ElementwiseChain) -> LSTMCell {
        LSTMCell(
            units: units, activation: activation, gateActivation: gateActivation,
            initializer: initializer, recurrentInitializer: recurrentInitializer ?? initializer,
            forgetBias: forgetBias, hasPeepholes: Self.hasPeepholes, tail: tail)
    }

    public func validate(_ context: inout DecodingContext, at location: SourceLocation?) {
        cell(before: ElementwiseChain()).validate(&context, at: location)
    }

    public var readsDistinctRows: Bool { true }
}
