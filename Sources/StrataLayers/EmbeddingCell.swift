import StrataGraph
import StrataKernels
import StrataSchema

/// The mechanism behind `embedding`: rows of a table, and what is done to them.
struct EmbeddingCell: LayerCell {
    let units: Int
    let initializer: Initializer
    let tail: ElementwiseChain

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
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
            output: input.real(features: units), parameters: [table],
            backwardReads: tail.needsOutput ? [.input, .output] : [.input], passesGradient: false,
            // What is done to a value may depend on its place.
            distinctRows: tail.isEmpty ? V : nil)
    }

    func forward(_ pass: borrowing ForwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let table = pass.node.parameters[0]
        if output.spec.distinctRows != nil {
            for row in pass.worker.share(of: output.rows) {
                output.row(row).update(from: table + row * units, count: units)
            }
            return
        }
        let mine = pass.worker.share(of: input.rows)
        let chain = tail.arguments(pass.facts, layer: pass.node.layerHash)
        for first in stride(from: mine.lowerBound, to: mine.upperBound, by: Self.rowsAtATime) {
            let rows = first..<min(first + Self.rowsAtATime, mine.upperBound)
            pass.facts.kernels.gather(
                output.row(first), stride: output.stride, table: table, columns: units,
                tokens: input.tokens + first, rows: rows.count)
            guard !chain.isEmpty else { continue }
            pass.facts.kernels.transform(
                output.base, from: output.base, chain: chain,
                part: TensorPart(stride: output.stride, features: units, rows: rows))
        }
    }

    /// So few that they stay in the first cache while two kernels go over them.
    private static let rowsAtATime = 16

    func backward(_ pass: borrowing BackwardPass) {
        let (input, output) = (pass.node.inputs[0], pass.node.output)
        let (kernels, gradient) = (pass.facts.kernels, pass.node.gradients[0])
        if output.spec.distinctRows != nil {
            for row in pass.worker.share(of: output.rows) {
                kernels.add(
                    gradient + row * units, pass.outputGradient + row * output.stride, count: units)
            }
            return
        }
        let columns = pass.worker.share(ofColumns: units, kernels)
        let chain = tail.arguments(pass.facts, layer: pass.node.layerHash)
        let y = tail.needsOutput ? UnsafePointer(output.base) : nil
        for first in stride(from: 0, to: input.rows, by: Self.rowsAtATime) {
            let rows = first..<min(first + Self.rowsAtATime, input.rows)
            if !chain.isEmpty {
                kernels.transformBackward(
                    pass.outputGradient, from: pass.outputGradient, x: nil, y: y, chain: chain,
                    part: TensorPart(
                        stride: output.stride, features: units, rows: rows, columns: columns))
            }
            kernels.scatterAdd(
                gradient, columns: units, from: pass.outputGradient + first * output.stride,
                stride: output.stride, tokens: input.tokens + first, rows: rows.count,
                columnRange: columns)
        }
    }

    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        tail.reference(pass.product(input: 0, pass.parameters[0]), &pass)
    }
}
