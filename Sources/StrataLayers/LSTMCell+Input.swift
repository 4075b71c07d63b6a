import CStrataKernels
import StrataGraph
import StrataKernels

// What a window's input does to the gates, for all steps at once: gates = x W + b.
//
// Tokens look up rows of W. Where only the distinct rows of x are stored, the product is a table whose
// rows are looked up in the same way, and its gradient is summed up by token before the products of
// backward. Otherwise the gates are the product's result themselves.
extension LSTMCell {
    func forwardInput(_ pass: borrowing ForwardPass) {
        let (kernels, node, input) = (pass.facts.kernels, pass.node, pass.node.inputs[0])
        if input.spec.values == .tokens {
            lookUp(pass, in: node.parameter(.W))
        } else if input.spec.distinctRows != nil {
            var product = inputProduct(pass)
            product.c = node.buffer(.table)
            product.c_panel = kernels.lanes
            product.c_row = 4 * units
            product.c_group = units
            multiply(product, pass)
            pass.worker.barrier()
            lookUp(pass, in: node.buffer(.table))
        } else {
            var product = inputProduct(pass)
            product.c = node.buffer(.gates)
            product.c_panel = gatesPanelStride(kernels, rows: input.rows)
            product.c_row = 4 * kernels.lanes
            product.c_group = kernels.lanes
            product.whole = true
            product.bias = UnsafePointer(node.parameter(.b))
            multiply(product, pass)
        }
    }

    /// gates = the rows of a matrix [V, 4H] that tokens name, + b.
    private func lookUp(_ pass: borrowing ForwardPass, in matrix: UnsafeMutablePointer<Float>) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let rows = pass.facts.steps * pass.facts.batch
        let tile = pass.worker.tile(rows: rows, panels: kernels.gatePanels(units))
        let first = tile.rows.lowerBound
        kernels.lstmLookup(
            node.buffer(.gates) + first * kernels.panelWidth,
            panelStride: gatesPanelStride(kernels, rows: rows),
            tokens: node.inputs[0].tokens + first, rows: tile.rows.count, weights: matrix,
            bias: node.parameter(.b), units: units, panels: tile.panels)
    }

    /// x W over the stored rows, to be told where to.
    private func inputProduct(_ pass: borrowing ForwardPass) -> GemmArguments {
        let (node, input) = (pass.node, pass.node.inputs[0])
        var product = pass.facts.rowProduct(
            of: pass.facts.multipliesPairs ? node.buffer(.xHalf) : input.base,
            depth: input.features, weights: node.buffer(.packedW))
        product.columns = units
        product.gates = true
        return product
    }

    private func multiply(_ product: GemmArguments, _ pass: borrowing ForwardPass) {
        let kernels = pass.facts.kernels
        let tile = pass.worker.tile(
            rows: pass.node.inputs[0].rows, panels: kernels.gatePanels(units))
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }

    // MARK: Backward

    /// Clears what ``sumByToken`` adds to; all workers meet in between.
    func clearTableGradient(_ pass: borrowing BackwardPass) {
        let input = pass.node.inputs[0]
        guard input.spec.distinctRows != nil else { return }
        let mine = pass.worker.share(of: input.rows * 4 * units, isMinor: true)
        pass.facts.kernels.fill(
            pass.node.buffer(.tableGradient) + mine.lowerBound, value: 0, count: mine.count)
    }

    /// Adds the gradients of gates up by token: into dW itself, or into the table's gradient, which is
    /// then laid out as the products of backward read it.
    func sumByToken(_ pass: borrowing BackwardPass) {
        let (kernels, node, input) = (pass.facts.kernels, pass.node, pass.node.inputs[0])
        let isTable = input.spec.distinctRows != nil
        guard isTable || input.spec.values == .tokens else { return }
        let mine = pass.worker.share(of: kernels.gatePanels(units))
        let rows = pass.facts.steps * pass.facts.batch
        kernels.lstmLookupBackward(
            isTable ? node.buffer(.tableGradient) : node.gradient(.W), gates: gradientRows(pass),
            tokens: input.tokens, rows: rows,
            vocabulary: isTable ? input.rows : input.features, units: units,
            scratch: pass.worker.scratch, panels: mine)
        guard isTable else { return }
        let gates = node.buffer(.tableGates)
        kernels.packGates(
            gates, from: node.buffer(.tableGradient), depth: input.rows, units: units, panels: mine)
        guard pass.facts.multipliesPairs else { return }
        kernels.halveRows(
            node.buffer(.tableHalf), ofPanels: mine, from: gates,
            stride: gatesPanelStride(kernels, rows: input.rows), rows: 0..<input.rows,
            columns: gateDepth(kernels))
        kernels.halve(gates, depth: input.rows, panels: mine)
    }
}
