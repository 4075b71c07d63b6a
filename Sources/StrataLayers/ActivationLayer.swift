public import StrataGraph
import StrataKernels
public import StrataSchema

/// Applies a function to every value, or softmax to every row.
///
/// ## Shapes        input [T, B, I] or [B, I] -> output of the same shape
public struct ActivationLayer: Layer, ElementwiseLayer {
    /// The function.
    public var activation = Activation.relu

    public init() {}

    /// Creates a layer that applies a function.
    public init(_ activation: Activation) { self.activation = activation }

    public static let type = "activation"
    public static let aliases = ["ActivationLayer"]
    public static let schema = Schema<Self>(
        "Applies a function to every value, or softmax to every row.",
        [.init("activation", \.activation, doc: "The function.")])

    var function: ElementwiseChain.Function? {
        activation == .softmax ? nil : .activation(activation)
    }

    func takes(_ tail: ElementwiseChain) -> Bool { activation != .softmax }

    /// What the layer is unless it is a softmax.
    private func cell(before tail: ElementwiseChain) -> ElementwiseCell {
        ElementwiseCell(chain: tail.after(.activation(activation)))
    }

    func plan(
        inputs: [TensorSpec], before tail: ElementwiseChain
    ) throws(Diagnostic) -> LayerPlan {
        let input = try inputs[0].requiringNumbers()
        guard activation == .softmax else { return cell(before: tail).plan(input: input) }
        return LayerPlan(output: input, backwardReads: [.output])
    }

    func forward(_ pass: borrowing ForwardPass, before tail: ElementwiseChain) {
        guard activation == .softmax else { return cell(before: tail).forward(pass) }
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let rows = pass.worker.share(of: input.rows)
        pass.facts.kernels.softmax(
            output.row(rows.lowerBound), from: input.row(rows.lowerBound),
            strides: .rows(input.stride, pass.facts.kernels), rows: rows.count,
            columns: input.features)
    }

    func backward(_ pass: borrowing BackwardPass, before tail: ElementwiseChain) {
        guard activation == .softmax else { return cell(before: tail).backward(pass) }
        guard let gradient = pass.node.inputGradients[0] else { return }
        let output = pass.node.output
        let rows = pass.worker.share(of: output.rows)
        let start = rows.lowerBound * output.stride
        pass.facts.kernels.softmaxBackward(
            gradient + start, from: pass.outputGradient + start, y: output.row(rows.lowerBound),
            strides: .rows(output.stride, pass.facts.kernels), rows: rows.count,
            columns: output.features)
    }

    func reference(
        _ pass: inout ReferencePass, before tail: ElementwiseChain
    ) -> ReferenceTape.Variable {
        let x = pass.dense(input: 0)
        return activation == .softmax
            ? pass.tape.softmax(x) : cell(before: tail).chain.reference(x, &pass)
    }
}
