import CStrataKernels
import StrataGraph
import StrataKernels
import StrataSchema

/// The mechanism behind `dense`, and behind `output` in inference: y = act(x W + b) and its gradients, with what was
/// fused with it.
struct DenseCell: LayerCell {
    var units: Int
    var activation: Activation
    var initializer: Initializer
    var hasBias: Bool
    var tail = ElementwiseChain()

    /// What is done to each sum; a softmax, which comes alone, is not in it.
    var chain: ElementwiseChain {
        activation == .softmax ? tail : tail.after(.activation(activation))
    }

    /// The layer's buffers in the order of its plan.
    enum Buffer: Int {
        case packedW, packedWT, xHalf, sums, packedGradient, gradientHalf
    }

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        var plan = try weightsPlan(inputs: inputs, halvedInput: .workspace)
        plan.buffers += [
            BufferSpec(
                "sums", .workspaceForBackward, perRow: chain.needsInput ? plan.output.rowStride : 0),
            BufferSpec("packedGradient", .backwardScratch, perRow: PackedSize.roundUp(units, 64)),
            BufferSpec(
                "gradientHalf", .backwardScratch, perRow: PackedSize.halfStride(units),
                precision: .bfloat16),
        ]
        plan.backwardReads = readsOutput ? [.input, .output] : [.input]
        return plan
    }

    private var readsOutput: Bool { activation == .softmax || chain.needsOutput }

    /// The part of a plan that is about parameters, with the buffers for packed weights and for the
    /// input in pairs, which is needed for the time given.
    func weightsPlan(
        inputs: [TensorSpec], halvedInput: BufferSpec.Lifetime
    ) throws(Diagnostic) -> LayerPlan {
        let input = try inputs[0].requiringNumbers()
        let (I, N) = (input.features, units)
        let W = ParameterSpec(
            "W", shape: [I, N], fill: .initializer(initializer, fanIn: I, fanOut: N), decays: true,
            overwritesGradient: true)
        let b = ParameterSpec("b", shape: [N], fill: .constants([0]), decays: false)
        return LayerPlan(
            output: input.real(features: N), parameters: hasBias ? [W, b] : [W],
            buffers: [
                PackedSize.buffer("packedW", .prepared, depth: I, columns: N),
                PackedSize.buffer("packedWT", .preparedForInputGradient, depth: N, columns: I),
                BufferSpec(
                    "xHalf", halvedInput, perRow: PackedSize.halfStride(I), precision: .bfloat16),
            ],
            flopsPerRow: 2 * I * N)
    }

    func prepare(_ pass: borrowing PreparePass) {
        let (kernels, node, N) = (pass.facts.kernels, pass.node, units)
        let I = node.inputs[0].features
        let panels = pass.worker.share(of: kernels.plainPanels(N))
        kernels.pack(
            node.denseBuffer(.packedW), from: node.parameters[0], stride: N, depth: I, columns: N,
            precision: pass.facts.productPrecision, panels: panels)
        pass.facts.roundWeights(node.denseBuffer(.packedW), depth: I, panels: panels)
        guard node.inputGradients[0] != nil else { return }
        let transposed = pass.worker.share(of: kernels.plainPanels(I))
        kernels.packTransposed(
            node.denseBuffer(.packedWT), from: node.parameters[0], stride: N, depth: N, columns: I,
            precision: pass.facts.productPrecision, panels: transposed)
    }

    /// Computes y = act(x W + b).
    func forward(_ pass: borrowing ForwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (input, output) = (node.inputs[0], node.output)
        if pass.facts.multipliesPairs {
            pass.facts.halve(
                input, rows: 0..<input.rows, to: node.denseBuffer(.xHalf), pass.worker)
        }
        var product = rowProduct(
            pass.facts, from: pass.facts.multipliesPairs ? node.denseBuffer(.xHalf) : input.base,
            depth: input.features, weights: node.denseBuffer(.packedW), to: output.base,
            columns: units)
        product.bias = hasBias ? UnsafePointer(node.parameters[1]) : nil
        product.chain = chain.arguments(pass.facts, layer: node.layerHash)
        // A plan that does not train has no room for them.
        product.pre = node.buffers[Buffer.sums.rawValue]
        let tile = pass.worker.tile(rows: input.rows, columns: units, kernels)
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
        guard activation == .softmax else { return }
        pass.worker.barrier()
        let rows = pass.worker.share(of: output.rows)
        kernels.softmax(
            output.row(rows.lowerBound), from: output.row(rows.lowerBound),
            strides: .rows(output.stride, kernels), rows: rows.count, columns: units)
    }

    /// dW, db and dx.
    func backward(_ pass: borrowing BackwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (input, output) = (node.inputs[0], node.output)
        if activation == .softmax || !chain.isEmpty {
            gradientOfSums(pass)
            pass.worker.barrier()
        }
        pass.worker.phase(.biasGradient)
        packGradient(pass)
        if hasBias {
            kernels.columnSums(
                node.gradients[1], from: pass.outputGradient, stride: output.stride,
                rows: output.rows, columnRange: pass.worker.share(of: units))
        }
        pass.worker.barrier()
        if let dx = node.inputGradients[0] {
            pass.worker.phase(.inputGradient)
            let dz =
                pass.facts.multipliesPairs
                ? node.denseBuffer(.gradientHalf) : pass.outputGradient
            let product = rowProduct(
                pass.facts, from: dz, depth: units, weights: node.denseBuffer(.packedWT), to: dx,
                columns: input.features)
            let tile = pass.worker.tile(rows: input.rows, columns: input.features, kernels)
            kernels.gemm(product, rows: tile.rows, panels: tile.panels)
        }
        pass.worker.phase(.weightGradient)
        weightGradient(pass)
    }

    /// Copies the gradient of the sums as the products of backward read it: in panels for dW and, in
    /// pairs, in rows for dx.
    private func packGradient(_ pass: borrowing BackwardPass) {
        let (kernels, node, output) = (pass.facts.kernels, pass.node, pass.node.output)
        let panels = pass.worker.share(of: kernels.plainPanels(units))
        kernels.pack(
            node.denseBuffer(.packedGradient), from: pass.outputGradient, stride: output.stride,
            depth: output.rows, columns: units, precision: pass.facts.productPrecision,
            panels: panels)
        guard pass.facts.multipliesPairs, node.inputGradients[0] != nil else { return }
        let (rows, stride) = (pass.worker.share(of: output.rows), PackedSize.halfStride(units))
        kernels.halveRows(
            node.denseBuffer(.gradientHalf) + rows.lowerBound * stride, stride: stride,
            from: pass.outputGradient + rows.lowerBound * output.stride, stride: output.stride,
            rows: rows.count, columns: units)
    }

    /// c = a · weights for rows of activations, or of pairs.
    private func rowProduct(
        _ facts: RunFacts, from a: UnsafeMutablePointer<Float>, depth: Int,
        weights: UnsafeMutablePointer<Float>, to c: UnsafeMutablePointer<Float>, columns: Int
    ) -> GemmArguments {
        let kernels = facts.kernels
        var product = facts.rowProduct(of: a, depth: depth, weights: weights)
        product.c = c
        product.c_panel = 4 * kernels.lanes
        product.c_row = TensorSpec.rowStride(columns)
        product.c_group = kernels.lanes
        product.columns = columns
        product.whole = true
        return product
    }

    /// Turns the gradient of the output into that of the sums, in place.
    private func gradientOfSums(_ pass: borrowing BackwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (output, rows) = (node.output, pass.worker.share(of: node.output.rows))
        if activation == .softmax {
            let dy = pass.outputGradient + rows.lowerBound * output.stride
            kernels.softmaxBackward(
                dy, from: dy, y: output.row(rows.lowerBound),
                strides: .rows(output.stride, kernels), rows: rows.count, columns: units)
            return
        }
        kernels.transformBackward(
            pass.outputGradient, from: pass.outputGradient,
            x: chain.needsInput ? UnsafePointer(node.denseBuffer(.sums)) : nil,
            y: chain.needsOutput ? UnsafePointer(output.base) : nil,
            chain: chain.arguments(pass.facts, layer: node.layerHash),
            part: TensorPart(stride: output.stride, features: units, rows: rows))
    }

    private func weightGradient(_ pass: borrowing BackwardPass) {
        let (kernels, node, N) = (pass.facts.kernels, pass.node, units)
        let input = node.inputs[0]
        let isHalf = pass.facts.multipliesPairs
        var product = pass.facts.transposedProduct(
            of: isHalf ? node.denseBuffer(.xHalf) : input.base,
            stride: isHalf ? PackedSize.halfStride(input.features) : input.stride,
            rows: input.rows, pass.worker)
        product.b = UnsafePointer(node.denseBuffer(.packedGradient))
        product.b_panel = pass.facts.panelStride(depth: input.rows)
        product.c = node.gradients[0]
        product.c_panel = 4 * kernels.lanes
        product.c_row = N
        product.c_group = kernels.lanes
        product.columns = N
        let tile = pass.worker.tile(rows: input.features, columns: N, kernels)
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }

    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        let sums = referenceSums(&pass)
        return activation == .softmax ? pass.tape.softmax(sums) : chain.reference(sums, &pass)
    }

    /// x W + b in double precision, without the activation.
    func referenceSums(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        let product = pass.product(input: 0, pass.parameters[0])
        return hasBias ? pass.tape.sum(product, pass.parameters[1]) : product
    }
}

extension NodeBuffers {
    func denseBuffer(_ buffer: DenseCell.Buffer) -> UnsafeMutablePointer<Float> {
        guard let pointer = buffers[buffer.rawValue] else {
            preconditionFailure("a dense pass uses its buffer \(buffer) outside its life")
        }
        return pointer
    }
}
