public import StrataSchema

/// A kind of layer: its settings, its plan, and its mathematics.
///
/// A kind is one file with a type of this protocol and one line in the layer catalog.
/// `forward` and `backward` run on every worker of the team at once; each worker does its share
/// (`pass.worker.share(of:)`) and meets the others at `pass.worker.barrier()` between dependent
/// steps. A pass offers only what the plan declares.
public protocol Layer: NamedConfigurable {
    /// How many inputs the layer takes by itself; more are concatenated in front of it.
    var inputLimit: Int { get }

    /// Whether the layer also reads an input of which only the distinct rows are stored, with the
    /// tokens that name them.
    var readsDistinctRows: Bool { get }

    /// States the output's shape, parameters, states, memory and cost for given inputs.
    ///
    /// - Throws: a `Diagnostic` with code `.shapeMismatch` or `.conflict` where the inputs do not
    ///   suit the layer. Its message starts after the layer's name: "needs …".
    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan

    /// Packs weights for the kernels; runs after parameters changed.
    func prepare(_ pass: borrowing PreparePass)

    /// Computes the output from the inputs.
    func forward(_ pass: borrowing ForwardPass)

    /// Overwrites the inputs' gradients, and overwrites or adds to each parameter's as its
    /// ``ParameterSpec/overwritesGradient`` says; a gradient that is added to is zero before.
    func backward(_ pass: borrowing BackwardPass)

    /// The same mathematics in double precision on a tape that derives the gradient itself.
    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable

    /// One layer that does the work of this one and of the next, which alone reads it, or nil.
    ///
    /// Results have the same bits.
    ///
    /// - Parameter name: the next layer's.
    func fused(with next: any Layer, named name: String) -> (any Layer)?
}

extension Layer {
    public var inputLimit: Int { 1 }
    public var readsDistinctRows: Bool { false }
    public func prepare(_ pass: borrowing PreparePass) {}
    public func fused(with next: any Layer, named name: String) -> (any Layer)? { nil }
}

/// A layer that ends a network with a loss.
///
/// In plans for training and evaluation, `loss` does all of its work at once, and nobody reads its
/// output; plans for inference have its `forward` alone.
public protocol LossLayer: Layer {
    /// What the loss compares the output with.
    func target(output: TensorSpec) -> TargetSpec

    /// The layer with the target's width where it has none of its own.
    func sized(for target: TargetSpec) -> any LossLayer

    /// Writes each row's loss and, in training, does what `backward` does for other layers.
    func loss(_ pass: borrowing LossPass)

    /// The sum over rows of weight times loss, of the output that `reference` returned in training.
    func referenceLoss(
        _ pass: inout ReferencePass, output: ReferenceTape.Variable
    ) -> ReferenceTape.Variable
}

extension LossLayer {
    /// Does nothing: ``loss(_:)`` computes the gradients.
    public func backward(_ pass: borrowing BackwardPass) {}
}

/// What a loss compares an output with.
public enum TargetSpec: Hashable, Sendable {
    /// One class index per row, or a row of probabilities.
    case classes(Int)
    /// Real numbers, as many as the output has.
    case values(Int)
}
