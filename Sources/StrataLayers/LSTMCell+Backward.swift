import CStrataKernels
import StrataGraph
import StrataKernels

extension LSTMCell {
    func backward(_ pass: borrowing BackwardPass) {
        pass.worker.phase(.recurrence)
        backwardThroughTime(pass)
        pass.worker.barrier()
        pass.worker.phase(.biasGradient)
        biasGradients(pass)
        pass.worker.phase(.weightGradient)
        weightGradients(pass)
        inputGradient(pass)
    }

    /// Turns the gates' outputs into gradients of their inputs, from the last step to the first.
    private func backwardThroughTime(_ pass: borrowing BackwardPass) {
        let (kernels, node, B) = (pass.facts.kernels, pass.node, pass.facts.batch)
        var (dh, dhNext) = (node.buffer(.dh), node.buffer(.dhNext))
        clearTableGradient(pass)
        let share = RecurrentShare(
            pass.worker, kernels: kernels, units: units, batch: B, usesHidden: true)
        let mine = share.cleared
        kernels.fill(dh + mine.lowerBound * stride, value: 0, count: mine.count * stride)
        let dc = node.buffer(.dc) + mine.lowerBound * stride
        kernels.fill(dc, value: 0, count: mine.count * stride)
        share.meet(pass.worker)
        let chain = tail.arguments(pass.facts, layer: node.layerHash)
        let read = (
            x: tail.needsInput ? UnsafePointer(hidden(node)) : nil,
            y: tail.needsOutput ? UnsafePointer(node.output.base) : nil
        )
        for t in Swift.stride(from: pass.facts.steps - 1, through: 0, by: -1) {
            var step = self.step(t, then: t > 0 ? t - 1 : nil, node, pass.facts)
            step.dh = UnsafePointer(pass.outputGradient + t * B * self.stride)
            step.dh_rec = dh
            step.dh_pass = pass.facts.mask == nil ? nil : dhNext
            step.dc = node.buffer(.dc)
            if pass.facts.multipliesPairs {
                step.gates_half = node.buffer(.gatesHalf) + t * B * Kernels.pairs(4 * kernels.lanes)
            }
            if !tail.isEmpty {
                kernels.transformBackward(
                    pass.outputGradient, from: pass.outputGradient,
                    x: read.x, y: read.y, chain: chain,
                    part: outputs(of: share.gates, step: t, pass.facts))
            }
            kernels.lstmBackward(step, rows: share.gates.rows, panels: share.gates.panels)
            share.meet(pass.worker)
            // The initial state is data: its gradient is not needed.
            guard t > 0 else { break }
            var product = gateProduct(
                pass, recurrentGates(pass), weights: .packedRT, to: dhNext, columns: units)
            product.a += t * B * product.a_row
            product.accumulate = pass.facts.mask != nil
            kernels.gemm(product, rows: share.hidden.rows, panels: share.hidden.panels)
            share.meetBeforeCells(pass.worker)
            swap(&dh, &dhNext)
        }
    }

    /// Gradients of gates as the products of backward read them.
    private struct GateGradients {
        /// In panels; in bfloat16 in pairs along the rows once all are known.
        let panels: UnsafeMutablePointer<Float>
        /// The same as a left-hand matrix: in bfloat16 in pairs along the columns.
        let leftHand: UnsafeMutablePointer<Float>
        let rows: Int
    }

    /// Those of all steps.
    private func recurrentGates(_ pass: borrowing BackwardPass) -> GateGradients {
        let (node, gates) = (pass.node, pass.node.buffer(.gates))
        return GateGradients(
            panels: gates, leftHand: pass.facts.multipliesPairs ? node.buffer(.gatesHalf) : gates,
            rows: pass.facts.steps * pass.facts.batch)
    }

    /// Those that belong to the stored rows of x.
    private func inputGates(_ pass: borrowing BackwardPass) -> GateGradients {
        let (node, input) = (pass.node, pass.node.inputs[0])
        guard input.spec.distinctRows != nil else { return recurrentGates(pass) }
        let gates = node.buffer(.tableGates)
        return GateGradients(
            panels: gates, leftHand: pass.facts.multipliesPairs ? node.buffer(.tableHalf) : gates,
            rows: input.rows)
    }

    /// gates · Wᵀ over rows of gates, for packed, transposed weights.
    private func gateProduct(
        _ pass: borrowing BackwardPass, _ gates: GateGradients, weights: Buffer,
        to c: UnsafeMutablePointer<Float>,
        columns: Int
    ) -> GemmArguments {
        let (kernels, node, facts) = (pass.facts.kernels, pass.node, pass.facts)
        let lanes = kernels.lanes
        var product = GemmArguments()
        product.a = UnsafePointer(gates.leftHand)
        product.a_row = facts.words(4 * lanes)
        product.a_block = gates.rows * product.a_row
        product.a_block_depth = product.a_row
        product.b = UnsafePointer(node.buffer(weights))
        product.b_panel = facts.panelStride(depth: gateDepth(kernels))
        product.precision = facts.productPrecision
        product.c = c
        product.c_panel = 4 * lanes
        product.c_row = TensorSpec.rowStride(columns)
        product.c_group = lanes
        product.depth = facts.words(gateDepth(kernels))
        product.columns = columns
        product.whole = true
        return product
    }

    /// The gradients of gates row by row, as the steps left them.
    func gradientRows(_ pass: borrowing BackwardPass) -> GateRows {
        let (kernels, gates) = (pass.facts.kernels, recurrentGates(pass))
        return GateRows(
            gates.leftHand,
            panelStride: pass.facts.words(gatesPanelStride(kernels, rows: gates.rows)),
            precision: pass.facts.productPrecision)
    }

    /// db and dp, and sums by token; in bfloat16 the gradients are then paired for other products.
    private func biasGradients(_ pass: borrowing BackwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (B, rows) = (pass.facts.batch, pass.facts.steps * pass.facts.batch)
        let mine = pass.worker.share(of: kernels.gatePanels(units))
        biasGradients(pass, panels: mine, rowsOfGates: 0..<B, cBefore: node.states[1], c: 0)
        biasGradients(
            pass, panels: mine, rowsOfGates: B..<rows, cBefore: node.buffer(.cells), c: B * stride)
        sumByToken(pass)
        if pass.facts.multipliesPairs {
            // In the place of the gates, which nobody reads any more.
            let rows = gradientRows(pass)
            kernels.halveColumns(
                node.buffer(.gates), from: rows.base, stride: rows.panelStride,
                depth: pass.facts.steps * B, panels: mine)
        }
        if pass.facts.multipliesPairs || node.inputs[0].spec.distinctRows != nil {
            pass.worker.barrier()
        }
    }

    /// dR and dW: one product each over all steps.
    private func weightGradients(_ pass: borrowing BackwardPass) {
        let (node, input) = (pass.node, pass.node.inputs[0])
        outerProduct(
            previousOutputs(pass), columns: units, recurrentGates(pass), to: node.gradient(.R), pass
        )
        guard input.spec.values == .real else { return }
        let isHalf = pass.facts.multipliesPairs
        let x = pass.facts.transposedProduct(
            of: isHalf ? node.buffer(.xHalf) : input.base,
            stride: isHalf ? PackedSize.halfStride(input.features) : input.stride,
            rows: input.rows, pass.worker)
        outerProduct(x, columns: input.features, inputGates(pass), to: node.gradient(.W), pass)
    }

    /// The left-hand side of dR: h before each step.
    private func previousOutputs(_ pass: borrowing BackwardPass) -> GemmArguments {
        let (facts, node) = (pass.facts, pass.node)
        let rows = facts.steps * facts.batch
        if facts.multipliesPairs {
            return facts.transposedProduct(
                of: node.buffer(.hHalf), stride: halfStride, rows: rows, pass.worker)
        }
        var product = facts.transposedProduct(
            of: hidden(node), stride: stride, rows: rows, pass.worker)
        // Before step 0 it is the carried state.
        product.a_before = UnsafePointer(node.states[0])
        product.rows_before = facts.batch
        return product
    }

    /// dM = aᵀ · gates over rows of gates.
    private func outerProduct(
        _ a: GemmArguments, columns: Int, _ gates: GateGradients,
        to dM: UnsafeMutablePointer<Float>, _ pass: borrowing BackwardPass
    ) {
        let (kernels, lanes) = (pass.facts.kernels, pass.facts.kernels.lanes)
        var product = a
        product.b = UnsafePointer(gates.panels)
        product.b_panel = gatesPanelStride(kernels, rows: gates.rows)
        product.c = dM
        product.c_panel = lanes
        product.c_row = 4 * units
        product.c_group = units
        product.columns = units
        product.gates = true
        let tile = pass.worker.tile(rows: columns, panels: kernels.gatePanels(units))
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }

    /// db and dp over a range of rows; `c` is the offset of the cells of the range's first row.
    private func biasGradients(
        _ pass: borrowing BackwardPass, panels: Range<Int>, rowsOfGates: Range<Int>,
        cBefore: UnsafeMutablePointer<Float>, c: Int
    ) {
        guard !rowsOfGates.isEmpty else { return }
        let (kernels, node) = (pass.facts.kernels, pass.node)
        var gates = gradientRows(pass)
        gates.base += rowsOfGates.lowerBound * pass.facts.words(4 * kernels.lanes)
        kernels.lstmBiasBackward(
            node.gradient(.b), peepholeGradient: hasPeepholes ? node.gradient(.p) : nil,
            gates: gates,
            previousCells: hasPeepholes ? UnsafePointer(cBefore) : nil,
            cells: hasPeepholes ? UnsafePointer(node.buffer(.cells) + c) : nil,
            stride: stride, rows: rowsOfGates.count, units: units, panels: panels)
    }

    /// dx = gates · Wᵀ for all stored rows at once, where somebody needs it.
    private func inputGradient(_ pass: borrowing BackwardPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        guard let dx = node.inputGradients[0] else { return }
        pass.worker.phase(.inputGradient)
        let (rows, columns) = (node.inputs[0].rows, node.inputs[0].features)
        let product = gateProduct(
            pass, inputGates(pass), weights: .packedWT, to: dx, columns: columns)
        let tile = pass.worker.tile(rows: rows, columns: columns, kernels)
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }
}
