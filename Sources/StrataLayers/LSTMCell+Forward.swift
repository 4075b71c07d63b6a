import CStrataKernels
import StrataGraph
import StrataKernels

extension LSTMCell {
    func prepare(_ pass: borrowing PreparePass) {
        let node = pass.node
        let trains = pass.facts.mode == .training
        pack(
            pass, node.parameter(.R), depth: units, to: .packedR,
            transposed: trains ? .packedRT : nil)
        guard node.inputs[0].spec.values == .real else { return }
        pack(
            pass, node.parameter(.W), depth: node.inputs[0].features, to: .packedW,
            transposed: node.inputGradients[0] != nil ? .packedWT : nil)
    }

    /// Packs a matrix [depth, 4H] for forward and, unless it is nil, its transpose for backward.
    private func pack(
        _ pass: borrowing PreparePass, _ matrix: UnsafeMutablePointer<Float>, depth: Int,
        to packed: Buffer, transposed: Buffer?
    ) {
        let (kernels, facts) = (pass.facts.kernels, pass.facts)
        let packed = pass.node.buffer(packed)
        let panels = pass.worker.share(of: kernels.gatePanels(units))
        kernels.packGates(
            packed, from: matrix, depth: depth, units: units, precision: facts.productPrecision,
            panels: panels)
        facts.roundWeights(packed, depth: depth, panels: panels)
        guard let transposed else { return }
        let plain = pass.worker.share(of: kernels.plainPanels(depth))
        kernels.packGatesTransposed(
            pass.node.buffer(transposed), from: matrix, columns: depth, units: units,
            precision: facts.productPrecision, panels: plain)
    }

    func forward(_ pass: borrowing ForwardPass) {
        let (T, B) = (pass.facts.steps, pass.facts.batch)
        pass.worker.phase(.inputProduct)
        if pass.facts.multipliesPairs { halveInputs(pass) }
        forwardInput(pass)
        pass.worker.barrier()
        pass.worker.phase(.recurrence)
        let share = RecurrentShare(
            pass.worker, kernels: pass.facts.kernels, units: units, batch: B, usesHidden: false)
        let chain = tail.arguments(pass.facts, layer: pass.node.layerHash)
        for t in 0..<T {
            let step = self.step(t, then: t + 1 < T ? t + 1 : nil, pass.node, pass.facts)
            pass.facts.kernels.lstmForward(step, rows: share.gates.rows, panels: share.gates.panels)
            if !tail.isEmpty {
                pass.facts.kernels.transform(
                    pass.node.output.base, from: hidden(pass.node), chain: chain,
                    part: outputs(of: share.gates, step: t, pass.facts))
            }
            share.meet(pass.worker)
        }
    }

    /// Rounds what forward's products multiply: the carried h, and x.
    private func halveInputs(_ pass: borrowing ForwardPass) {
        let (kernels, node, input) = (pass.facts.kernels, pass.node, pass.node.inputs[0])
        let first = pass.worker.share(of: pass.facts.batch)
        kernels.halveRows(
            node.buffer(.hHalf) + first.lowerBound * halfStride, stride: halfStride,
            from: node.states[0] + first.lowerBound * stride, stride: stride, rows: first.count,
            columns: units)
        guard input.spec.values == .real else { return }
        pass.facts.halve(input, rows: 0..<input.rows, to: node.buffer(.xHalf), pass.worker)
    }

    /// Where the outputs of some cells of a step are.
    func outputs(of tile: Worker.Tile, step t: Int, _ facts: RunFacts) -> TensorPart {
        let (first, L) = (t * facts.batch, facts.kernels.lanes)
        return TensorPart(
            stride: stride, features: units,
            rows: first + tile.rows.lowerBound..<first + tile.rows.upperBound,
            columns: min(units, tile.panels.lowerBound * L)..<min(units, tile.panels.upperBound * L)
        )
    }

    /// Depth of the products that read gates.
    func gateDepth(_ kernels: Kernels) -> Int { kernels.gatePanels(units) * 4 * kernels.lanes }

    /// Floats from one gate panel of the workspace to the next.
    func gatesPanelStride(_ kernels: Kernels, rows: Int) -> Int { rows * 4 * kernels.lanes }

    /// The arguments of step t, after which comes another, if any; step 0 starts from the carried
    /// state.
    func step(
        _ t: Int, then next: Int?, _ node: NodeBuffers, _ facts: RunFacts
    ) -> LSTMStepArguments {
        let (kernels, B) = (facts.kernels, facts.batch)
        let h = hidden(node)
        var step = LSTMStepArguments()
        step.units = units
        step.stride = stride
        step.gates = node.buffer(.gates) + t * B * 4 * kernels.lanes
        step.rows_ahead = next.map { ($0 - t) * B } ?? 0
        step.gates_panel = gatesPanelStride(kernels, rows: facts.steps * B)
        step.recurrent = UnsafePointer(node.buffer(.packedR))
        step.precision = facts.productPrecision
        step.peephole = hasPeepholes ? UnsafePointer(node.parameter(.p)) : nil
        step.h_prev = UnsafePointer(t == 0 ? node.states[0] : h + (t - 1) * B * stride)
        step.c_prev = UnsafePointer(t == 0 ? node.states[1] : cells(t - 1, node, B))
        step.h = h + t * B * stride
        if facts.multipliesPairs {
            let halves = node.buffer(.hHalf) + t * B * halfStride
            step.h_prev_half = UnsafePointer(halves)
            step.h_half = halves + B * halfStride
            step.half_stride = halfStride
        }
        step.c = cells(t, node, B)
        step.mask = facts.mask.map { $0 + t * B }
        step.activation = activation.code
        step.gate_activation = gateActivation.code
        return step
    }

    /// The cells of step t: where no backward reads them, each step's take the place of those before,
    /// in the carried state.
    private func cells(_ t: Int, _ node: NodeBuffers, _ B: Int) -> UnsafeMutablePointer<Float> {
        guard let cells = node.buffers[Buffer.cells.rawValue] else { return node.states[1] }
        return cells + t * B * stride
    }
}
