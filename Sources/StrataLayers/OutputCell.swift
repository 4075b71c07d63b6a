import CStrataKernels
import StrataGraph
import StrataKernels
import StrataSchema

/// The mechanism behind `output` while a network is trained or evaluated.
///
/// It goes through the rows block by block: sums, loss, gradients. A block's sums lie in panels, as
/// the product writes them. Their gradient takes their place, and both products of backward read it
/// from there, so that nothing is copied and no buffer is larger than a block.
struct OutputCell {
    var dense: DenseCell
    var loss: Loss

    /// The layer's buffers in the order of its plan; the first three are those of ``DenseCell``.
    enum Buffer: Int {
        case packedW, packedWT, xHalf, sums, kept, xHalfOfBlock, gradientHalf
    }

    /// Floats of a block's sums, about: few enough to stay in a last cache of some 16 MB from the product to
    /// the gradients.
    ///
    /// A block of more than 22,000 units is larger, as it has no fewer than ``fewestRows``. Where it ends is
    /// part of what a run's bits depend on, so that it does not follow the machine's caches.
    private static let blockSize = 1 << 21
    /// Fewer rows than this would make poor use of the weights, which every block reads again.
    ///
    /// A multiple of the rows that a weight gradient in pairs adds up at a time.
    private static let fewestRows = 96

    /// Whether the loss is computed from the sums before the activation.
    var usesLogits: Bool { loss.requiredActivation != nil }

    /// Whether the activation's derivative is needed.
    var differentiates: Bool { !usesLogits && dense.activation != .identity }

    func plan(inputs: [TensorSpec]) throws(Diagnostic) -> LayerPlan {
        // Of all rows at once only outside of training, block by block within.
        var plan = try dense.weightsPlan(inputs: inputs, halvedInput: .forwardScratch)
        let width = PackedSize.plain(depth: 1, columns: dense.units)
        let kept = differentiates ? width : 0
        plan.buffers += [
            BufferSpec("sums", .lossScratch, perBlockRow: width, fixed: width),
            BufferSpec("kept", .backwardScratch, perBlockRow: kept, fixed: kept),
            BufferSpec(
                "xHalfOfBlock", .lossScratch,
                perBlockRow: PackedSize.halfStride(inputs[0].features),
                precision: .bfloat16),
            BufferSpec(
                "gradientHalf", .backwardScratch, perBlockRow: width / 2, fixed: width / 2,
                precision: .bfloat16),
        ]
        plan.blockRows = max(1, Self.blockSize / width / Self.fewestRows) * Self.fewestRows
        return plan
    }

    func loss(_ pass: borrowing LossPass) {
        for first in stride(from: 0, to: pass.blocks.rows, by: pass.blocks.size) {
            // The block before is read until all have its gradients.
            if first > 0 { pass.worker.barrier() }
            let block = OutputBlock(cell: self, rows: pass.blocks.block(from: first), pass)
            pass.worker.phase(.inputProduct)
            if pass.facts.multipliesPairs { block.halveInput(pass) }
            block.sum(pass)
            pass.worker.barrier()
            pass.worker.phase(.loss)
            block.compare(pass)
            if pass.facts.mode == .training { backward(block, pass) }
        }
    }

    private func backward(_ block: OutputBlock, _ pass: borrowing LossPass) {
        let isHalf = pass.facts.multipliesPairs
        block.differentiate(pass)
        if isHalf { block.halveGradientRows(pass) }
        pass.worker.barrier()
        pass.worker.phase(.biasGradient)
        block.addBiasGradient(pass)
        if isHalf { block.halveGradientPanels(pass) }
        pass.worker.phase(.inputGradient)
        block.multiplyInputGradient(pass)
        if isHalf { pass.worker.barrier() }
        pass.worker.phase(.weightGradient)
        block.addWeightGradient(pass)
    }
}

extension NodeBuffers {
    func outputBuffer(_ buffer: OutputCell.Buffer) -> UnsafeMutablePointer<Float> {
        guard let pointer = buffers[buffer.rawValue] else {
            preconditionFailure("an output pass uses its buffer \(buffer) outside its life")
        }
        return pointer
    }
}
