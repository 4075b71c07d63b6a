import StrataGraph
import StrataKernels
import StrataSchema

/// A layer that is a function of single values.
protocol ElementwiseLayer: FusingLayer {
    /// The function; nil where it is none, as a softmax.
    var function: ElementwiseChain.Function? { get }
}

/// The mechanism behind these layers where no layer before could do their work: y = chain(x).
struct ElementwiseCell: LayerCell {
    let chain: ElementwiseChain

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        LayerPlan(
            output: try inputs[0].requiringNumbers(),
            backwardReads: chain.needsInput ? [.input] : chain.needsOutput ? [.output] : [])
    }

    func forward(_ pass: borrowing ForwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        pass.facts.kernels.transform(
            output.base, from: input.base,
            chain: chain.arguments(pass.facts, layer: pass.node.layerHash),
            part: part(of: input, pass.worker))
    }

    func backward(_ pass: borrowing BackwardPass) {
        guard let gradient = pass.node.inputGradients[0] else { return }
        let input = pass.node.inputs[0]
        pass.facts.kernels.transformBackward(
            gradient, from: pass.outputGradient,
            x: chain.needsInput ? UnsafePointer(input.base) : nil,
            y: chain.needsOutput ? UnsafePointer(pass.node.output.base) : nil,
            chain: chain.arguments(pass.facts, layer: pass.node.layerHash),
            part: part(of: input, pass.worker))
    }

    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        chain.reference(pass.dense(input: 0), &pass)
    }

    private func part(of input: TensorView, _ worker: Worker) -> TensorPart {
        TensorPart(
            stride: input.stride, features: input.features, rows: worker.share(of: input.rows))
    }
}
