import StrataGraph
import StrataSchema

/// A layer that can do the work of element-wise layers behind it, while it has what they read at hand.
protocol FusingLayer: Layer {
    /// Whether it can do these functions.
    func takes(_ tail: ElementwiseChain) -> Bool

    // The layer's work with a tail of functions, which may be empty.
    func plan(
        inputs: [TensorSpec], before tail: ElementwiseChain
    ) throws(Diagnostic) -> LayerPlan
    func forward(_ pass: borrowing ForwardPass, before tail: ElementwiseChain)
    func backward(_ pass: borrowing BackwardPass, before tail: ElementwiseChain)
    func reference(
        _ pass: inout ReferencePass, before tail: ElementwiseChain
    ) -> ReferenceTape.Variable
}

extension FusingLayer {
    func takes(_ tail: ElementwiseChain) -> Bool { true }

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        try plan(inputs: inputs, before: ElementwiseChain())
    }
    public func forward(_ pass: borrowing ForwardPass) { forward(pass, before: ElementwiseChain()) }
    public func backward(_ pass: borrowing BackwardPass) {
        backward(pass, before: ElementwiseChain())
    }
    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        reference(&pass, before: ElementwiseChain())
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

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        try base.plan(inputs: inputs, before: tail)
    }
    func prepare(_ pass: borrowing PreparePass) { base.prepare(pass) }
    func forward(_ pass: borrowing ForwardPass) { base.forward(pass, before: tail) }
    func backward(_ pass: borrowing BackwardPass) { base.backward(pass, before: tail) }
    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        base.reference(&pass, before: tail)
    }

    func fused(with next: any Layer, named name: String) -> (any Layer)? {
        guard let function = (next as? any ElementwiseLayer)?.function,
            let longer = tail.followed(by: function, named: name), base.takes(longer)
        else { return nil }
        var fused = self
        fused.tail = longer
        return fused
    }
}
