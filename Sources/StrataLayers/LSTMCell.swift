import StrataGraph
import StrataKernels
import StrataSchema

/// The one mechanism behind `lstm` and `graves_lstm`: plan and passes with optional peepholes.
struct LSTMCell: LayerCell {
    var units: Int
    var activation: Activation
    var gateActivation: Activation
    var initializer: Initializer
    var recurrentInitializer: Initializer
    var forgetBias: Double
    var hasPeepholes: Bool
    /// What makes the output of h, step by step; where it is empty, h is the output.
    var tail = ElementwiseChain()

    /// The order of the gates in every packed matrix, as in PyTorch and oneDNN.
    enum Gate: Int, CaseIterable { case input, forget, candidate, output }

    /// The layer's buffers in the order of its plan.
    enum Buffer: Int {
        case gates, cells, packedR, packedRT, packedW, packedWT, dh, dhNext, dc
        case hHalf, xHalf, gatesHalf
        case table, tableGradient, tableGates, tableHalf
        case hidden
    }

    /// The layer's parameters in the order of its plan.
    enum Parameter: Int { case W, R, b, p }

    var stride: Int { TensorSpec.rowStride(units) }
    var halfStride: Int { PackedSize.halfStride(units) }
    var gateDepth: Int { PackedSize.gateDepth(units) }

    /// h of all steps: the output, unless that is made of it.
    func hidden(_ node: NodeBuffers) -> UnsafeMutablePointer<Float> {
        tail.isEmpty ? node.output.base : node.buffer(.hidden)
    }

    func validate(_ context: inout DecodingContext, at location: SourceLocation?) {
        for (key, value) in [("activation", activation), ("gate_activation", gateActivation)]
        where value == .softmax {
            context.report(
                .conflict,
                "'\(key)' of a recurrent layer cannot be softmax, which needs whole rows",
                at: location, hint: "use tanh or sigmoid, and softmax in the output layer")
        }
    }

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        let input = inputs[0]
        guard input.isSequence else {
            throw Diagnostic(.shapeMismatch, "needs a sequence to run over")
        }
        let (I, H) = (input.features, units)
        let isLookup = input.values == .tokens
        var parameters = [
            ParameterSpec(
                "W", shape: [I, 4 * H], blocks: 4,
                // The plain uniform start is PyTorch's: within 1 / sqrt(H) for W as for R.
                fill: .initializer(initializer, fanIn: initializer == .uniform ? H : I, fanOut: H),
                decays: true, overwritesGradient: !isLookup),
            ParameterSpec(
                "R", shape: [H, 4 * H], blocks: 4,
                fill: .initializer(recurrentInitializer, fanIn: H, fanOut: H), decays: true,
                overwritesGradient: true),
            ParameterSpec(
                "b", shape: [4 * H], blocks: 4, fill: .constants([0, forgetBias, 0, 0]),
                decays: false),
        ]
        if hasPeepholes {
            parameters.append(
                ParameterSpec("p", shape: [3, H], fill: .constants([0]), decays: false))
        }
        return LayerPlan(
            output: input.real(features: H), parameters: parameters,
            states: [
                StateSpec(
                    "h", features: H,
                    source: tail.isEmpty ? .output : .buffer(Buffer.hidden.rawValue)),
                StateSpec("c", features: H, source: .buffer(Buffer.cells.rawValue)),
            ],
            buffers: buffers(inputs: I, isLookup: isLookup, distinctRows: input.distinctRows),
            backwardReads: tail.isEmpty || tail.needsOutput ? [.input, .output] : [.input],
            flopsPerRow: 8 * H * (H + (isLookup ? 0 : I)),
            inputFlopsPerRow: isLookup ? 0 : 8 * H * I, passesGradient: !isLookup)
    }

    private func buffers(inputs I: Int, isLookup: Bool, distinctRows: Int?) -> [BufferSpec] {
        let H = units
        /// A buffer for the rows of x that are stored.
        func ofRows(
            _ name: String, _ lifetime: BufferSpec.Lifetime, _ count: Int,
            precision: Precision? = nil
        ) -> BufferSpec {
            BufferSpec(
                name, lifetime, perRow: distinctRows == nil && !isLookup ? count : 0,
                fixed: (distinctRows ?? 0) * count, precision: precision)
        }
        return [
            BufferSpec("gates", .workspace, perRow: gateDepth),
            BufferSpec("cells", .workspaceForBackward, perRow: stride),
            PackedSize.buffer("packedR", .prepared, depth: H, columns: gateDepth),
            PackedSize.buffer("packedRT", .preparedForBackward, depth: gateDepth, columns: H),
            PackedSize.buffer("packedW", .prepared, depth: isLookup ? 0 : I, columns: gateDepth),
            PackedSize.buffer(
                "packedWT", .preparedForInputGradient, depth: isLookup ? 0 : gateDepth, columns: I),
            BufferSpec("dh", .backwardScratch, perBatch: stride),
            BufferSpec("dhNext", .backwardScratch, perBatch: stride),
            BufferSpec("dc", .backwardScratch, perBatch: stride),
            // What products in bfloat16 read: h before the first step and after each, x, and the
            // gates' gradients, which the sums for biases and tokens read as well.
            BufferSpec(
                "hHalf", .workspace, perRow: halfStride, perBatch: halfStride, precision: .bfloat16),
            ofRows("xHalf", .workspace, PackedSize.halfStride(I), precision: .bfloat16),
            BufferSpec(
                "gatesHalf", .backwardScratch, perRow: Kernels.pairs(gateDepth),
                precision: .bfloat16),
        ] + table(rows: distinctRows ?? 0) + [
            BufferSpec("hidden", .workspace, perRow: tail.isEmpty ? 0 : stride)
        ]
    }

    /// x W for distinct rows of x, and the gradient of it: as rows, in gate panels, and in pairs.
    private func table(rows: Int) -> [BufferSpec] {
        [
            BufferSpec("table", .forwardScratch, fixed: rows * 4 * units),
            BufferSpec("tableGradient", .backwardScratch, fixed: rows * 4 * units),
            BufferSpec("tableGates", .backwardScratch, fixed: rows * gateDepth),
            BufferSpec(
                "tableHalf", .backwardScratch, fixed: rows * Kernels.pairs(gateDepth),
                precision: .bfloat16),
        ]
    }
}

extension NodeBuffers {
    func buffer(_ buffer: LSTMCell.Buffer) -> UnsafeMutablePointer<Float> {
        guard let pointer = buffers[buffer.rawValue] else {
            preconditionFailure("an LSTM pass uses its buffer \(buffer) outside its life")
        }
        return pointer
    }

    func parameter(_ parameter: LSTMCell.Parameter) -> UnsafeMutablePointer<Float> {
        parameters[parameter.rawValue]
    }

    func gradient(_ parameter: LSTMCell.Parameter) -> UnsafeMutablePointer<Float> {
        gradients[parameter.rawValue]
    }
}
