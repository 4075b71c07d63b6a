public import StrataSchema

/// Joins several inputs beside each other: row r of the output is row r of each input in turn.
public struct Concatenate: Layer {
    public init() {}

    public static let type = "concatenate"
    public static let aliases = ["MergeVertex"]
    public static let schema = Schema<Self>(
        "Joins the features of several inputs, in the order of `from`.", [])

    public var inputLimit: Int { .max }

    public func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        guard let first = inputs.first else {
            throw Diagnostic(.shapeMismatch, "needs at least one input")
        }
        if inputs.contains(where: { $0.isSequence != first.isSequence }) {
            let shapes = inputs.map(\.description).joined(separator: " and ")
            throw Diagnostic(
                .shapeMismatch, "cannot join \(shapes)",
                hint: "all inputs must be sequences, or all vectors")
        }
        if inputs.contains(where: { $0.values == .tokens }) {
            throw Diagnostic(
                .shapeMismatch, "cannot join tokens with other values",
                hint: "put an embedding layer between the tokens and this layer")
        }
        let features = inputs.reduce(0) { $0 + $1.features }
        return LayerPlan(output: first.real(features: features))
    }

    public func forward(_ pass: borrowing ForwardPass) {
        let output = pass.node.output
        let rows = pass.worker.share(of: output.rows)
        var start = 0
        for input in pass.node.inputs {
            for row in rows {
                (output.row(row) + start).update(from: input.row(row), count: input.features)
            }
            start += input.features
        }
    }

    public func backward(_ pass: borrowing BackwardPass) {
        let (output, gradient) = (pass.node.output, pass.outputGradient)
        let rows = pass.worker.share(of: output.rows)
        var start = 0
        for (input, inputGradient) in zip(pass.node.inputs, pass.node.inputGradients) {
            if let inputGradient {
                for row in rows {
                    (inputGradient + row * input.stride).update(
                        from: gradient + row * output.stride + start, count: input.features)
                }
            }
            start += input.features
        }
    }

    public func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        pass.tape.joinedColumns(pass.inputs.indices.map { pass.dense(input: $0) })
    }
}
