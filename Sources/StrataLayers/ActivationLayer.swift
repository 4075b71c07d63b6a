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

    func cell(before tail: ElementwiseChain) -> ActivationCell {
        ActivationCell(
            isSoftmax: activation == .softmax,
            elementwise: ElementwiseCell(chain: tail.after(.activation(activation))))
    }
}

/// The mechanism behind `activation`: a softmax of every row, or functions of every value.
struct ActivationCell: LayerCell {
    let isSoftmax: Bool
    /// What is done unless it is a softmax.
    let elementwise: ElementwiseCell

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        guard isSoftmax else { return try elementwise.plan(inputs: inputs) }
        return LayerPlan(output: try inputs[0].requiringNumbers(), backwardReads: [.output])
    }

    func forward(_ pass: borrowing ForwardPass) {
        guard isSoftmax else { return elementwise.forward(pass) }
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let rows = pass.worker.share(of: input.rows)
        pass.facts.kernels.softmax(
            output.row(rows.lowerBound), from: input.row(rows.lowerBound),
            strides: .rows(input.stride, pass.facts.kernels), rows: rows.count,
            columns: input.features)
    }

    func backward(_ pass: borrowing BackwardPass) {
        guard isSoftmax else { return elementwise.backward(pass) }
        guard let gradient = pass.node.inputGradients[0] else { return }
        let output = pass.node.output
        let rows = pass.worker.share(of: output.rows)
        let start = rows.lowerBound * output.stride
        pass.facts.kernels.softmaxBackward(
            gradient + start, from: pass.outputGradient + start, y: output.row(rows.lowerBound),
            strides: .rows(output.stride, pass.facts.kernels), rows: rows.count,
            columns: output.features)
    }

    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        isSoftmax ? pass.tape.softmax(pass.dense(input: 0)) : elementwise.reference(&pass)
    }
}
