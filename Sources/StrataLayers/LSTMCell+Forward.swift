import CStrataKernels
import StrataGraph
import StrataKernels

extension LSTMCell {
    func prepare(_ pass: borrowing PreparePass) {
        let (kernels, node, H) = (pass.facts.kernels, pass.node, units)
        let gates = pass.worker.share(of: kernels.gatePanels(H))
        let R = node.parameter(.R)
        kernels.packGates(node.buffer(.packedR), from: R, depth: H, units: H, panels: gates)
        if pass.facts.halvesWeights {
            kernels.halve(node.buffer(.packedR), depth: H, panels: gates)
        }
        if pass.facts.mode == .training {
            kernels.packGatesTransposed(
                node.buffer(.packedRT), from: R, columns: H, units: H,
                panels: pass.worker.share(of: kernels.plainPanels(H)))
        }
        let input = node.inputs[0]
        guard input.spec.values == .real else { return }
        let (I, W) = (input.features, node.parameter(.W))
        kernels.packGates(node.buffer(.packedW), from: W, depth: I, units: H, panels: gates)
        if pass.facts.halvesWeights {
            kernels.halve(node.buffer(.packedW), depth: I, panels: gates)
        }
        if pass.facts.mode == .training {
            kernels.packGatesTransposed(
                node.buffer(.packedWT), from: W, columns: I, units: H,
                panels: pass.worker.share(of: kernels.plainPanels(I)))
        }
    }

    func forward(_ pass: borrowing ForwardPass) {
        let (T, B) = (pass.facts.steps, pass.facts.batch)
        let panels = pass.facts.kernels.gatePanels(units)
        pass.worker.phase(.inputProduct)
        forwardInput(pass, rows: T * B, panels: panels)
        pass.worker.barrier()
        pass.worker.phase(.recurrence)
        let share = RecurrentShare(pass.worker, kernels: pass.facts.kernels, units: units, batch: B)
        for t in 0..<T {
            let step = self.step(t, pass.node, pass.facts)
            pass.facts.kernels.lstmForward(step, rows: share.gates.rows, panels: share.gates.panels)
            share.meet(pass.worker)
        }
    }

    /// gates = x W + b for all steps at once.
    private func forwardInput(_ pass: borrowing ForwardPass, rows: Int, panels: Int) {
        let (kernels, node, H) = (pass.facts.kernels, pass.node, units)
        let input = node.inputs[0]
        let panelStride = gatesPanelStride(kernels, rows: rows)
        if input.spec.values == .tokens {
            kernels.lstmLookup(
                node.buffer(.gates), panelStride: panelStride, tokens: input.tokens, rows: rows,
                weights: node.parameter(.W), bias: node.parameter(.b), units: H,
                panels: pass.worker.share(of: panels))
            return
        }
        var product = GemmArguments()
        product.a = UnsafePointer(input.base)
        product.a_row = input.stride
        product.a_block_depth = input.features
        product.b = UnsafePointer(node.buffer(.packedW))
        product.b_panel = input.features * 4 * kernels.lanes
        product.precision = pass.facts.weightPrecision
        product.c = node.buffer(.gates)
        product.c_panel = panelStride
        product.c_row = 4 * kernels.lanes
        product.c_group = kernels.lanes
        product.depth = input.features
        product.columns = H
        product.gates = true
        product.whole = true
        product.bias = UnsafePointer(node.parameter(.b))
        let tile = pass.worker.tile(rows: rows, panels: panels)
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }

    /// Floats from one gate panel of the workspace to the next.
    func gatesPanelStride(_ kernels: Kernels, rows: Int) -> Int { rows * 4 * kernels.lanes }

    /// The arguments of step t; step 0 starts from the carried state.
    func step(_ t: Int, _ node: NodeBuffers, _ facts: RunFacts) -> LSTMStepArguments {
        let (kernels, B) = (facts.kernels, facts.batch)
        let (h, cells) = (node.output.base, node.buffer(.cells))
        var step = LSTMStepArguments()
        step.batch = B
        step.units = units
        step.stride = stride
        step.gates = node.buffer(.gates) + t * B * 4 * kernels.lanes
        step.gates_panel = gatesPanelStride(kernels, rows: facts.steps * B)
        step.recurrent = UnsafePointer(node.buffer(.packedR))
        step.precision = facts.weightPrecision
        step.peephole = hasPeepholes ? UnsafePointer(node.parameter(.p)) : nil
        step.h_prev = UnsafePointer(t == 0 ? node.states[0] : h + (t - 1) * B * stride)
        step.c_prev = UnsafePointer(t == 0 ? node.states[1] : cells + (t - 1) * B * stride)
        step.h = h + t * B * stride
        step.c = cells + t * B * stride
        step.mask = facts.mask.map { $0 + t * B }
        step.activation = activation.code
        step.gate_activation = gateActivation.code
        return step
    }
}
