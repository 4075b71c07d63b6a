import StrataGraph
import StrataSchema

/// The mechanism behind a layer: its settings with the functions behind it, and the work of both.
protocol LayerCell {
    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan
    func prepare(_ pass: borrowing PreparePass)
    func forward(_ pass: borrowing ForwardPass)
    func backward(_ pass: borrowing BackwardPass)
    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable
}

extension LayerCell {
    func prepare(_ pass: borrowing PreparePass) {}
}

/// A layer that can do the work of element-wise layers behind it, while it has what they read at hand.
protocol FusingLayer: Layer {
    associatedtype Cell: LayerCell

    /// What does the layer's work and, after it, that of a chain of functions, which may be empty.
    func cell(before tail: ElementwiseChain) -> Cell

    /// Whether it can do these functions.
    func takes(_ tail: ElementwiseChain) -> Bool
}

extension FusingLayer {
    func takes(_ tail: ElementwiseChain) -> Bool { true }

    private var cell: Cell { cell(before: ElementwiseChain()) }

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        try cell.plan(inputs: inputs)
    }
    public func prepare(_ pass: borrowing PreparePass) { cell.prepare(pass) }
    public func forward(_ pass: borrowing ForwardPass) { cell.forward(pass) }
    public func backward(_ pass: borrowing BackwardPass) { cell.backward(pass) }
    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        cell.reference(&pass)
    }
    public func fused(with next: any Layer, named name: String) -> (any Layer)? {
        taking(next, named: name)
    }

    /// The layer with the function of the next, if that is one that it takes; with the identity as it is.
    func taking(_ next: any Layer, named name: String) -> (any Layer)? {
        let isIdentity = (next as? any ElementwiseLayer)?.function == .activation(.identity)
        return isIdentity ? self : FusedLayer(base: self).fused(with: next, named: name)
    }
}

/// A layer with the functions that it does for layers behind it: what a graph has in the place of them all.
///
/// It has no settings: what is written back is the specification, which has the layers themselves.
struct FusedLayer<Base: FusingLayer>: Layer {
    private var base = Base()
    private var tail = ElementwiseChain()

    init() {}
    init(base: Base) { self.base = base }

    static var type: String { Base.type }
    static var schema: Schema<Self> { Schema(Base.schema.summary, []) }

    var inputLimit: Int { base.inputLimit }
    var readsDistinctRows: Bool { base.readsDistinctRows }

    private var cell: Base.Cell { base.cell(before: tail) }

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        try cell.plan(inputs: inputs)
    }
    func prepare(_ pass: borrowing PreparePass) { cell.prepare(pass) }
    func forward(_ pass: borrowing ForwardPass) { cell.forward(pass) }
    func backward(_ pass: borrowing BackwardPass) { cell.backward(pass) }
    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable { cell.reference(&pass) }

    func fused(with next: any Layer, named name: String) -> (any Layer)? {
        guard let function = (next as? any ElementwiseLayer)?.function,
            let longer = tail.followed(by: function, named: name), base.takes(longer)
        else { return nil }
        var fused = self
        fused.tail = longer
        return fused
    }
}
