public import StrataGraph
import StrataKernels
public import StrataSchema

/// A learned vector for each class of token.
///
/// ## Shapes        input tokens [T, B] of V classes -> output [T, B, H]
/// ## Parameters    W [V, H]
public struct Embedding: Layer {
    /// Values per token H.
    public var units = 64
    /// How the table is filled.
    public var initializer = Initializer.xavier

    public init() {}

    /// Creates a table of H values per token.
    public init(units: Int, initializer: Initializer = .xavier) {
        self.units = units
        self.initializer = initializer
    }

    public static let type = "embedding"
    public static let aliases = ["EmbeddingLayer", "EmbeddingSequenceLayer"]
    public static let schema = Schema<Self>(
        "A learned vector for each class of token.",
        [
            .init("units", \.units, .size, doc: "Values per token."),
            .init("initializer", \.initializer, doc: "How the table is filled."),
        ])

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        let input = inputs[0]
        guard input.values == .tokens else {
            throw Diagnostic(
                .shapeMismatch, "needs tokens",
                hint: "an embedding reads token data directly, without a layer in between")
        }
        let V = input.features
        let table = ParameterSpec(
            "W", shape: [V, units], fill: .initializer(initializer, fanIn: V, fanOut: units),
            decays: true)
        return LayerPlan(
            output: input.real(features: units), parameters: [table], backwardReads: [.input],
            passesGradient: false, distinctRows: V)
    }

    public func forward(_ pass: borrowing ForwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let table = pass.node.parameters[0]
        if output.spec.distinctRows != nil {
            for row in pass.worker.share(of: output.rows) {
                output.row(row).update(from: table + row * units, count: units)
            }
            return
        }
        let rows = pass.worker.share(of: input.rows)
        pass.facts.kernels.gather(
            output.row(rows.lowerBound), stride: output.stride,
            table: table, columns: units,
            tokens: input.tokens + rows.lowerBound, rows: rows.count)
    }

    public func backward(_ pass: borrowing BackwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let (kernels, gradient) = (pass.facts.kernels, pass.node.gradients[0])
        if output.spec.distinctRows != nil {
            for row in pass.worker.share(of: output.rows) {
                kernels.add(
                    gradient + row * units, pass.outputGradient + row * output.stride, count: units)
            }
            return
        }
        kernels.scatterAdd(
            gradient, columns: units, from: pass.outputGradient,
            stride: output.stride,
            tokens: input.tokens, rows: input.rows, columnRange: pass.worker.share(of: units))
    }

    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        pass.product(input: 0, pass.parameters[0])
    }
}
