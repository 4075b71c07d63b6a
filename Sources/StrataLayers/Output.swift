public import StrataGraph
public import StrataSchema

/// A dense layer with an activation and a loss: the end of a network.
///
/// Training works through blocks of rows, so that a large V takes no memory for all T·B rows. Softmax
/// with cross-entropy and sigmoid with binary cross-entropy are computed together from the sums,
/// which is exact where the activation alone would saturate.
///
/// ## Shapes        input [T, B, I] or [B, I] -> output of as many rows with V features
/// ## Parameters    W [I, V] · b [V]
public struct Output: LossLayer {
    /// Outputs per row V; nil: as many as the data's targets have.
    public var units: Int?
    /// The function of the sums.
    public var activation = Activation.softmax
    /// What training makes small.
    public var loss = Loss.crossEntropy
    /// How W is filled.
    public var initializer = Initializer.xavier
    /// Whether a bias is added.
    public var bias = true

    public init() {}

    /// Creates an output layer; `units` nil takes the width from the data.
    public init(
        units: Int? = nil, activation: Activation = .softmax, loss: Loss = .crossEntropy,
        initializer: Initializer = .xavier
    ) {
        self.units = units
        self.activation = activation
        self.loss = loss
        self.initializer = initializer
    }

    public static let type = "output"
    public static let aliases = ["OutputLayer", "RnnOutputLayer"]
    public static let schema = Schema<Self>(
        "A dense layer with an activation and a loss: the end of a network.",
        [
            .init(
                "units", \.units, Constraint<Int>.size.optional(),
                doc: "Outputs per row; unset: as many as the data's targets have."),
            .init("activation", \.activation, doc: "The function of the sums."),
            .init("loss", \.loss, doc: "What training makes small."),
            .init("initializer", \.initializer, doc: "How the weights are filled."),
            .init("bias", \.bias, doc: "Whether a bias is added."),
        ])

    public func validate(_ context: inout DecodingContext, at location: SourceLocation?) {
        if let wanted = loss.requiredActivation, activation != wanted {
            context.report(
                .conflict,
                "the loss \(loss.rawValue) goes with the activation \(wanted.rawValue), "
                    + "not \(activation.rawValue)",
                at: location, hint: "set 'activation: \(wanted.rawValue)', or another loss")
        }
    }

    private var cell: OutputCell {
        OutputCell(
            dense: DenseCell(
                units: units ?? 1, activation: activation, initializer: initializer, hasBias: bias),
            loss: loss)
    }

    public func sized(for target: TargetSpec) -> any LossLayer {
        guard units == nil else { return self }
        var sized = self
        switch target {
        case .classes(let count), .values(let count): sized.units = count
        }
        return sized
    }

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        guard units != nil else {
            throw Diagnostic(
                .missingKey, "has no width: there is no data to take it from", hint: "set 'units'")
        }
        return try cell.plan(inputs: inputs)
    }

    public func target(output: TensorSpec) -> TargetSpec {
        loss == .crossEntropy ? .classes(output.features) : .values(output.features)
    }

    public func prepare(_ pass: borrowing PreparePass) { cell.dense.prepare(pass) }

    public func forward(_ pass: borrowing ForwardPass) { cell.dense.forward(pass) }

    public func loss(_ pass: borrowing LossPass) { cell.loss(pass) }

    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        let sums = cell.dense.referenceSums(&pass)
        return cell.usesLogits && pass.mode != .inference ? sums : pass.activate(sums, activation)
    }

    public func referenceLoss(
        _ pass: inout ReferencePass, output: ReferenceTape.Variable
    ) -> ReferenceTape.Variable {
        loss.reference(&pass, output: output)
    }
}
