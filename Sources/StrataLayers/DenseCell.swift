import CStrataKernels
import StrataGraph
import StrataKernels
import StrataSchema

/// The mechanism behind `dense`, and behind `output` in inference: y = act(x W + b) and its gradients.
struct DenseCell {
    var units: Int
    var activation: Activation
    var initializer: Initializer
    var hasBias: Bool

    /// The layer's buffers in the order of its plan.
    enum Buffer: Int { case packedW, packedWT, preActivation, packedGradient, strips }

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        var plan = try weightsPlan(inputs: inputs)
        let keepsInput = activation.derivativeNeedsInput
        plan.buffers += [
            BufferSpec("preActivation", .workspace, perRow: keepsInput ? plan.output.rowStride : 0),
            BufferSpec("packedGradient", .backwardScratch, perRow: PackedSize.roundUp(units, 64)),
            BufferSpec("strips", .backwardScratch, perRow: PackedSize.strips(inputs[0].features)),
        ]
        plan.backwardReads = activation == .identity ? [.input] : [.input, .output]
        return plan
    }

    /// The part of a plan that is about parameters, with the buffers for packed weights.
    func weightsPlan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        let input = inputs[0]
        guard input.values == .real else {
            throw Diagnostic(
                .shapeMismatch, "needs real numbers, not tokens",
                hint: "put an embedding, lstm or graves_lstm layer in between")
        }
        let (I, N) = (input.features, units)
        let W = ParameterSpec(
            "W", shape: [I, N], fill: .initializer(initializer, fanIn: I, fanOut: N), decays: true,
            overwritesGradient: true)
        let b = ParameterSpec("b", shape: [N], fill: .constants([0]), decays: false)
        return LayerPlan(
            output: input.real(features: N), parameters: hasBias ? [W, b] : [W],
            buffers: [
                BufferSpec("packedW", .prepared, fixed: PackedSize.plain(depth: I, columns: N)),
                BufferSpec("packedWT", .prepared, fixed: PackedSize.plain(depth: N, columns: I)),
            ],
            flopsPerRow: 2 * I * N)
    }

    func prepare(_ pass: borrowing PreparePass) {
        let (kernels, node, N) = (pass.facts.kernels, pass.node, units)
        let I = node.inputs[0].features
        let panels = pass.worker.share(of: kernels.plainPanels(N))
        kernels.pack(
            node.denseBuffer(.packedW), from: node.parameters[0], stride: N, depth: I, columns: N,
            panels: panels)
        pass.facts.round(node.denseBuffer(.packedW), depth: I, panels: panels)
        if pass.facts.mode == .training {
            kernels.packTransposed(
                node.denseBuffer(.packedWT), from: node.parameters[0], stride: N, depth: N,
                columns: I,
                panels: pass.worker.share(of: kernels.plainPanels(I)))
        }
    }

    /// y = act(x W + b); `backward` needs `keepsInput`.
    func forward(_ pass: borrowing ForwardPass, keepsInput: Bool) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (input, output) = (node.inputs[0], node.output)
        var product = rowProduct(
            kernels, from: input.base, depth: input.features, weights: node.denseBuffer(.packedW),
            to: output.base, columns: units)
        product.precision = pass.facts.weightPrecision
        product.bias = hasBias ? UnsafePointer(node.parameters[1]) : nil
        product.activation = activation.code
        if keepsInput, activation.derivativeNeedsInput {
            product.pre = node.denseBuffer(.preActivation)
        }
        let tile = pass.worker.tile(rows: input.rows, panels: kernels.plainPanels(units))
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
        if activation != .identity {
            activationGradient(pass)
            pass.worker.barrier()
        }
        let dz = pass.outputGradient
        pass.worker.phase(.biasGradient)
        kernels.pack(
            node.denseBuffer(.packedGradient), from: dz, stride: output.stride, depth: output.rows,
            columns: units, panels: pass.worker.share(of: kernels.plainPanels(units)))
        kernels.packStrips(
            node.denseBuffer(.strips), depth: input.rows, from: input.base, stride: input.stride,
            columns: input.features, rows: pass.worker.share(of: input.rows))
        if hasBias {
            kernels.columnSums(
                node.gradients[1], from: dz, stride: output.stride, rows: output.rows,
                columnRange: pass.worker.share(of: units))
        }
        if let dx = node.inputGradients[0] {
            pass.worker.phase(.inputGradient)
            let product = rowProduct(
                kernels, from: dz, depth: units, weights: node.denseBuffer(.packedWT), to: dx,
                columns: input.features)
            let tile = pass.worker.tile(
                rows: input.rows, panels: kernels.plainPanels(input.features))
            kernels.gemm(product, rows: tile.rows, panels: tile.panels)
        }
        pass.worker.barrier()
        pass.worker.phase(.weightGradient)
        weightGradient(pass)
    }

    /// c = a · weights for rows of activations.
    private func rowProduct(
        _ kernels: Kernels, from a: UnsafeMutablePointer<Float>, depth: Int,
        weights: UnsafeMutablePointer<Float>, to c: UnsafeMutablePointer<Float>, columns: Int
    ) -> GemmArguments {
        var product = GemmArguments()
        product.a = UnsafePointer(a)
        product.a_row = TensorSpec.rowStride(depth)
        product.a_block_depth = depth
        product.b = UnsafePointer(weights)
        product.b_panel = depth * 4 * kernels.lanes
        product.c = c
        product.c_panel = 4 * kernels.lanes
        product.c_row = TensorSpec.rowStride(columns)
        product.c_group = kernels.lanes
        product.depth = depth
        product.columns = columns
        product.whole = true
        return product
    }

    /// Turns the gradient of the output into that of the sums, in place.
    private func activationGradient(_ pass: borrowing BackwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (output, rows) = (node.output, pass.worker.share(of: node.output.rows))
        let dy = pass.outputGradient + rows.lowerBound * output.stride
        if activation == .softmax {
            kernels.softmaxBackward(
                dy, from: dy, y: output.row(rows.lowerBound),
                strides: .rows(output.stride, kernels), rows: rows.count, columns: units)
            return
        }
        let pre =
            activation.derivativeNeedsInput
            ? node.denseBuffer(.preActivation) + rows.lowerBound * output.stride : nil
        kernels.activateBackward(
            dy, stride: output.stride, from: dy, stride: output.stride,
            x: pre.map { UnsafePointer($0) }, stride: output.stride,
            y: output.row(rows.lowerBound), stride: output.stride, function: activation.code,
            rows: rows.count, columns: units)
    }

    private func weightGradient(_ pass: borrowing BackwardPass) {
        let (kernels, node, N) = (pass.facts.kernels, pass.node, units)
        let input = node.inputs[0]
        var product = GemmArguments()
        product.a = UnsafePointer(node.denseBuffer(.strips))
        product.a_strip = input.rows * Kernels.strip
        product.b = UnsafePointer(node.denseBuffer(.packedGradient))
        product.b_panel = input.rows * 4 * kernels.lanes
        product.c = node.gradients[0]
        product.c_panel = 4 * kernels.lanes
        product.c_row = N
        product.c_group = kernels.lanes
        product.depth = input.rows
        product.columns = N
        let tile = pass.worker.stripTile(rows: input.features, panels: kernels.plainPanels(N))
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
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
