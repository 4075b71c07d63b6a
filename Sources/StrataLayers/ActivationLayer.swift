public import StrataGraph
import StrataKernels
public import StrataSchema

/// Applies a function to every value, or softmax to every row.
///
/// ## Shapes        input [T, B, I] or [B, I] -> output of the same shape
public struct ActivationLayer: Layer {
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

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        let input = inputs[0]
        guard input.values == .real else {
            throw Diagnostic(
                .shapeMismatch, "needs real numbers, not tokens",
                hint: "put an embedding, lstm or graves_lstm layer in between")
        }
        return LayerPlan(
            output: input,
            backwardReads: activation.derivativeNeedsInput ? [.input, .output] : [.output])
    }

    public func forward(_ pass: borrowing ForwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let rows = pass.worker.share(of: input.rows)
        let (x, y) = (input.row(rows.lowerBound), output.row(rows.lowerBound))
        if activation == .softmax {
            pass.facts.kernels.softmax(
                y, from: x, strides: .rows(input.stride, pass.facts.kernels), rows: rows.count,
                columns: input.features)
        } else {
            pass.facts.kernels.activate(
                y, stride: output.stride, from: x, stride: input.stride, function: activation.code,
                rows: rows.count, columns: input.features)
        }
    }

    public func backward(_ pass: borrowing BackwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        guard let gradient = pass.node.inputGradients[0] else { return }
        let rows = pass.worker.share(of: input.rows)
        let start = rows.lowerBound * output.stride
        let (dx, dy) = (gradient + start, pass.outputGradient + start)
        if activation == .softmax {
            pass.facts.kernels.softmaxBackward(
                dx, from: dy, y: output.row(rows.lowerBound),
                strides: .rows(input.stride, pass.facts.kernels), rows: rows.count,
                columns: input.features)
        } else {
            let x = activation.derivativeNeedsInput ? input.row(rows.lowerBound) : nil
            pass.facts.kernels.activateBackward(
                dx, stride: input.stride, from: dy, stride: output.stride,
                x: x.map { UnsafePointer($0) }, stride: input.stride,
                y: output.row(rows.lowerBound), stride: output.stride, function: activation.code,
                rows: rows.count, columns: input.features)
        }
    }

    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        let x = pass.dense(input: 0)
        return pass.activate(x, activation)
    }
}
