import CStrataKernels
import StrataGraph
import StrataKernels

extension LSTMCell {
    func backward(_ pass: borrowing BackwardPass) {
        pass.worker.phase(.recurrence)
        backwardThroughTime(pass)
        pass.worker.barrier()
        pass.worker.phase(.weightGradient)
        weightGradients(pass)
        inputGradient(pass)
    }

    /// Turns the gates' outputs into gradients of their inputs, from the last step to the first.
    private func backwardThroughTime(_ pass: borrowing BackwardPass) {
        let (kernels, node, B) = (pass.facts.kernels, pass.node, pass.facts.batch)
        var (dh, dhNext) = (node.buffer(.dh), node.buffer(.dhNext))
        packStrips(pass)
        let share = RecurrentShare(pass.worker, kernels: kernels, units: units, batch: B)
        let mine = share.cleared
        kernels.fill(dh + mine.lowerBound * stride, value: 0, count: mine.count * stride)
        let dc = node.buffer(.dc) + mine.lowerBound * stride
        kernels.fill(dc, value: 0, count: mine.count * stride)
        share.meet(pass.worker)
        for t in Swift.stride(from: pass.facts.steps - 1, through: 0, by: -1) {
            var step = self.step(t, node, pass.facts)
            step.dh = UnsafePointer(pass.outputGradient + t * B * self.stride)
            step.dh_rec = dh
            step.dh_pass = pass.facts.mask == nil ? nil : dhNext
            step.dc = node.buffer(.dc)
            kernels.lstmBackward(step, rows: share.gates.rows, panels: share.gates.panels)
            share.meet(pass.worker)
            // The initial state is data: its gradient is not needed.
            guard t > 0 else { break }
            var product = gateProduct(pass, weights: .packedRT, to: dhNext, columns: units)
            product.a = UnsafePointer(step.gates)
            product.accumulate = pass.facts.mask != nil
            kernels.gemm(product, rows: share.hidden.rows, panels: share.hidden.panels)
            share.meet(pass.worker)
            swap(&dh, &dhNext)
        }
    }

    /// Copies what the weight gradients multiply: the input, and h before each step, which is the
    /// carried state at step 0 and later the output of the step before.
    private func packStrips(_ pass: borrowing BackwardPass) {
        let (kernels, node, B) = (pass.facts.kernels, pass.node, pass.facts.batch)
        let rows = pass.facts.steps * B
        let (mine, strips) = (pass.worker.share(of: rows), node.buffer(.hStrips))
        let first = mine.clamped(to: 0..<B)
        let later = mine.clamped(to: B..<rows)
        kernels.packStrips(
            strips, depth: rows, from: node.states[0], stride: stride, columns: units, rows: first)
        kernels.packStrips(
            strips + B * Kernels.strip, depth: rows, from: node.output.base, stride: stride,
            columns: units, rows: (later.lowerBound - B)..<(later.upperBound - B))
        let input = node.inputs[0]
        guard input.spec.values == .real else { return }
        kernels.packStrips(
            node.buffer(.xStrips), depth: rows, from: input.base, stride: input.stride,
            columns: input.features, rows: mine)
    }

    /// gates · Wᵀ for packed, transposed weights: the arguments but for the rows of the gates.
    private func gateProduct(
        _ pass: borrowing BackwardPass, weights: Buffer, to c: UnsafeMutablePointer<Float>,
        columns: Int
    ) -> GemmArguments {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let lanes = kernels.lanes
        let depth = kernels.gatePanels(units) * 4 * lanes
        var product = GemmArguments()
        product.a_row = 4 * lanes
        product.a_block = gatesPanelStride(kernels, rows: pass.facts.steps * pass.facts.batch)
        product.a_block_depth = 4 * lanes
        product.b = UnsafePointer(node.buffer(weights))
        product.b_panel = depth * 4 * lanes
        product.c = c
        product.c_panel = 4 * lanes
        product.c_row = TensorSpec.rowStride(columns)
        product.c_group = lanes
        product.depth = depth
        product.columns = columns
        product.whole = true
        return product
    }

    /// dR, dW, db and dp: one product each over all steps.
    private func weightGradients(_ pass: borrowing BackwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (B, rows) = (pass.facts.batch, pass.facts.steps * pass.facts.batch)
        let panels = kernels.gatePanels(units)
        outerProduct(pass, of: node.buffer(.hStrips), columns: units, to: node.gradient(.R))
        let input = node.inputs[0]
        let mine = pass.worker.share(of: panels)
        let gatesPanel = gatesPanelStride(kernels, rows: rows)
        if input.spec.values == .tokens {
            kernels.lstmLookupBackward(
                node.gradient(.W), gates: node.buffer(.gates), panelStride: gatesPanel,
                tokens: input.tokens, rows: rows, units: units, panels: mine)
        } else {
            outerProduct(
                pass, of: node.buffer(.xStrips), columns: input.features, to: node.gradient(.W))
        }
        biasGradients(pass, panels: mine, rowsOfGates: 0..<B, cBefore: node.states[1], c: 0)
        biasGradients(
            pass, panels: mine, rowsOfGates: B..<rows, cBefore: node.buffer(.cells), c: B * stride)
    }

    /// dM = aᵀ · gates over all steps, for `a` in strips.
    private func outerProduct(
        _ pass: borrowing BackwardPass, of a: UnsafeMutablePointer<Float>, columns: Int,
        to dM: UnsafeMutablePointer<Float>
    ) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (lanes, rows) = (kernels.lanes, pass.facts.steps * pass.facts.batch)
        var product = GemmArguments()
        product.a = UnsafePointer(a)
        product.a_strip = rows * Kernels.strip
        product.b = UnsafePointer(node.buffer(.gates))
        product.b_panel = gatesPanelStride(kernels, rows: rows)
        product.c = dM
        product.c_panel = lanes
        product.c_row = 4 * units
        product.c_group = units
        product.depth = rows
        product.columns = units
        product.gates = true
        let tile = pass.worker.stripTile(rows: columns, panels: kernels.gatePanels(units))
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }

    /// db and dp over a range of rows; `c` is the offset of the cells of the range's first row.
    private func biasGradients(
        _ pass: borrowing BackwardPass, panels: Range<Int>, rowsOfGates: Range<Int>,
        cBefore: UnsafeMutablePointer<Float>, c: Int
    ) {
        guard !rowsOfGates.isEmpty else { return }
        let (kernels, node) = (pass.facts.kernels, pass.node)
        kernels.lstmBiasBackward(
            node.gradient(.b), peepholeGradient: hasPeepholes ? node.gradient(.p) : nil,
            gates: node.buffer(.gates) + rowsOfGates.lowerBound * 4 * kernels.lanes,
            panelStride: gatesPanelStride(kernels, rows: pass.facts.steps * pass.facts.batch),
            previousCells: hasPeepholes ? UnsafePointer(cBefore) : nil,
            cells: hasPeepholes ? UnsafePointer(node.buffer(.cells) + c) : nil,
            stride: stride, rows: rowsOfGates.count, units: units, panels: panels)
    }

    /// dx = gates · Wᵀ for all steps at once, where somebody needs it.
    private func inputGradient(_ pass: borrowing BackwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        guard let dx = node.inputGradients[0] else { return }
        pass.worker.phase(.inputGradient)
        let (rows, columns) = (node.inputs[0].rows, node.inputs[0].features)
        var product = gateProduct(pass, weights: .packedWT, to: dx, columns: columns)
        product.a = UnsafePointer(node.buffer(.gates))
        let tile = pass.worker.tile(rows: rows, panels: kernels.plainPanels(columns))
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }
}
