/// Rows of a tensor in the arena.
package struct TensorView: @unchecked Sendable {
    /// The first row; tokens are stored as `Int32` in the same four bytes.
    package let base: UnsafeMutablePointer<Float>
    package let spec: TensorSpec
    /// Rows in memory.
    package let rows: Int
    /// What names each row, where only distinct ones are stored.
    private let names: UnsafeMutablePointer<Int32>?

    package init(
        base: UnsafeMutablePointer<Float>, spec: TensorSpec, rows: Int,
        names: UnsafeMutablePointer<Int32>? = nil
    ) {
        self.base = base
        self.spec = spec
        self.rows = rows
        self.names = names
    }

    package var stride: Int { spec.rowStride }
    package var features: Int { spec.features }
    package var count: Int { rows * stride }

    /// The token of each row; where only distinct rows are stored, one for every row of the window,
    /// which names its stored one.
    package var tokens: UnsafeMutablePointer<Int32> {
        if let names { return names }
        precondition(spec.values == .tokens, "the tensor holds no tokens")
        // The arena is raw memory that is bound here to the type in which it is always used.
        return UnsafeMutableRawPointer(base).bindMemory(to: Int32.self, capacity: rows)
    }

    /// The start of a row.
    package func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * stride }
}

/// The memory of one node of a plan, laid out once and used at every step.
package final class NodeBuffers: @unchecked Sendable {
    package let inputs: [TensorView]
    /// Nil where the plan computes no output: of losses, but for inference.
    package let ownOutput: TensorView?
    package let parameters: [UnsafeMutablePointer<Float>]
    /// The gradients of the parameters; none where the plan does not train.
    package let gradients: [UnsafeMutablePointer<Float>]
    package let states: [UnsafeMutablePointer<Float>]
    package let buffers: [UnsafeMutablePointer<Float>?]
    /// Where backward writes each input's gradient; nil where nobody needs it.
    package let inputGradients: [UnsafeMutablePointer<Float>?]
    package let outputGradient: UnsafeMutablePointer<Float>?
    /// The hash of the layer's name, which its random numbers follow from.
    package let layerHash: Int

    package init(
        layerHash: Int, inputs: [TensorView], output: TensorView?,
        parameters: [UnsafeMutablePointer<Float>], gradients: [UnsafeMutablePointer<Float>],
        states: [UnsafeMutablePointer<Float>], buffers: [UnsafeMutablePointer<Float>?],
        inputGradients: [UnsafeMutablePointer<Float>?],
        outputGradient: UnsafeMutablePointer<Float>?
    ) {
        self.layerHash = layerHash
        self.inputs = inputs
        ownOutput = output
        self.parameters = parameters
        self.gradients = gradients
        self.states = states
        self.buffers = buffers
        self.inputGradients = inputGradients
        self.outputGradient = outputGradient
    }

    /// The output, which the plan always provides to forward and to those who read it.
    package var output: TensorView {
        guard let ownOutput else { preconditionFailure("the plan computes no such output") }
        return ownOutput
    }
}
