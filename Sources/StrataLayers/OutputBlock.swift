import CStrataKernels
import StrataGraph
import StrataKernels

/// One block of rows of an output layer, in panels, and what is done to it.
///
/// `sums` ends up as the gradient of x W + b. Where the activation has a derivative, `kept` is what
/// that derivative is computed from: the activation's input or its output; otherwise it is `sums`.
struct OutputBlock {
    private let dense: DenseCell
    private let lossKind: Loss
    private let usesLogits: Bool
    private let rows: Range<Int>
    private let sums: UnsafeMutablePointer<Float>
    private let kept: UnsafeMutablePointer<Float>
    /// Floats from one panel to the next: a whole, odd number of rows, so that a row's pieces do not
    /// fall on the same cache sets.
    private let panelStride: Int

    /// Whether the activation's derivative will be needed.
    private let differentiates: Bool
    private var keepsInput: Bool { differentiates && dense.activation.derivativeNeedsInput }
    /// What the loss compares with its targets.
    private var outputs: UnsafeMutablePointer<Float> {
        differentiates && !keepsInput ? kept : sums
    }

    init(cell: OutputCell, rows: Range<Int>, _ pass: borrowing LossPass) {
        dense = cell.dense
        lossKind = cell.loss
        usesLogits = cell.usesLogits
        self.rows = rows
        sums = pass.node.outputBuffer(.sums)
        differentiates = pass.facts.mode == .training && cell.differentiates
        kept = differentiates ? pass.node.outputBuffer(.kept) : sums
        panelStride = (pass.blocks.size | 1) * pass.facts.kernels.panelWidth
    }

    // MARK: Forward

    /// Rounds the rows of x to pairs.
    func halveInput(_ pass: borrowing LossPass) {
        pass.facts.halve(
            pass.node.inputs[0], rows: rows, to: pass.node.outputBuffer(.xHalfOfBlock), pass.worker)
    }

    /// x W + b, activated unless the loss is computed from the sums themselves.
    func sum(_ pass: borrowing LossPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (input, isHalf) = (node.inputs[0], pass.facts.multipliesPairs)
        var product = pass.facts.rowProduct(
            of: isHalf ? node.outputBuffer(.xHalfOfBlock) : input.row(rows.lowerBound),
            depth: input.features, weights: node.outputBuffer(.packedW))
        product.c = outputs
        product.c_panel = panelStride
        product.c_row = kernels.panelWidth
        product.c_group = kernels.lanes
        product.columns = dense.units
        product.whole = true
        product.bias = dense.hasBias ? UnsafePointer(node.parameters[1]) : nil
        if !usesLogits { product.chain = ChainArguments(dense.activation.code) }
        if keepsInput { product.pre = kept }
        let tile = pass.worker.tile(rows: rows.count, columns: dense.units, kernels)
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }

    /// Each row's loss and, in training, the gradient of what it is computed from.
    func compare(_ pass: borrowing LossPass) {
        let (kernels, mine) = (pass.facts.kernels, pass.worker.share(of: rows.count))
        let start = mine.lowerBound * kernels.panelWidth
        let strides = RowStrides.panels(panelStride, kernels)
        if dense.activation == .softmax, !usesLogits {
            kernels.softmax(
                outputs + start, from: outputs + start, strides: strides, rows: mine.count,
                columns: dense.units)
        }
        let row = rows.lowerBound + mine.lowerBound
        let gradient = pass.facts.mode == .training ? sums + start : nil
        if let classes = pass.classes {
            kernels.softmaxCrossEntropy(
                pass.rowLosses + row, gradient: gradient, logits: outputs + start, strides: strides,
                targets: classes + row, weights: pass.rowWeights + row, rows: mine.count,
                columns: dense.units)
        } else if let values = pass.values {
            let stride = TensorSpec.rowStride(dense.units)
            kernels.denseLoss(
                pass.rowLosses + row, gradient: gradient, outputs: outputs + start,
                strides: strides, targets: values + row * stride, stride: stride,
                kind: lossKind.code, weights: pass.rowWeights + row, rows: mine.count,
                columns: dense.units)
        }
    }

    // MARK: Backward

    /// Turns the gradient of the activated output into that of the sums, for the rows that this
    /// worker compared.
    func differentiate(_ pass: borrowing LossPass) {
        guard differentiates else { return }
        let (kernels, mine) = (pass.facts.kernels, pass.worker.share(of: rows.count))
        let (start, width) = (mine.lowerBound * kernels.panelWidth, kernels.panelWidth)
        if dense.activation == .softmax {
            kernels.softmaxBackward(
                sums + start, from: sums + start, y: kept + start,
                strides: .panels(panelStride, kernels), rows: mine.count, columns: dense.units)
            return
        }
        for panel in 0..<kernels.plainPanels(dense.units) {
            let (dy, stored) = (sums + panel * panelStride, kept + panel * panelStride)
            kernels.transformBackward(
                dy, from: dy, x: stored, y: stored, chain: ChainArguments(dense.activation.code),
                part: TensorPart(
                    stride: width, features: min(width, dense.units - panel * width), rows: mine))
        }
    }

    /// Rounds the gradients of the rows that this worker compared to pairs along their columns, as
    /// the input's gradient reads them.
    func halveGradientRows(_ pass: borrowing LossPass) {
        guard pass.node.inputGradients[0] != nil else { return }
        let (kernels, mine) = (pass.facts.kernels, pass.worker.share(of: rows.count))
        kernels.halveRows(
            pass.node.outputBuffer(.gradientHalf), ofPanels: 0..<kernels.plainPanels(dense.units),
            from: sums, stride: panelStride, rows: mine, columns: dense.units)
    }

    /// Rounds the gradient to pairs along its rows, in place, as the weight gradient reads it: for
    /// the panels whose bias gradient this worker, their last reader in float32, has summed.
    func halveGradientPanels(_ pass: borrowing LossPass) {
        let kernels = pass.facts.kernels
        kernels.halve(
            sums, stride: panelStride, from: sums, stride: panelStride, depth: rows.count,
            panels: pass.worker.share(of: kernels.plainPanels(dense.units)))
    }

    /// db += the rows of the gradient.
    func addBiasGradient(_ pass: borrowing LossPass) {
        guard dense.hasBias else { return }
        let (kernels, db) = (pass.facts.kernels, pass.node.gradients[1])
        let width = kernels.panelWidth
        for panel in pass.worker.share(of: kernels.plainPanels(dense.units)) {
            kernels.columnSums(
                db + panel * width, from: sums + panel * panelStride, stride: width,
                rows: rows.count, columnRange: 0..<min(width, dense.units - panel * width))
        }
    }

    /// dx = gradient · Wᵀ, where somebody needs it.
    func multiplyInputGradient(_ pass: borrowing LossPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        guard let dx = node.inputGradients[0] else { return }
        let (input, isHalf) = (node.inputs[0], pass.facts.multipliesPairs)
        var product = GemmArguments()
        product.a = UnsafePointer(isHalf ? node.outputBuffer(.gradientHalf) : sums)
        product.a_row = pass.facts.words(kernels.panelWidth)
        product.a_block = pass.facts.words(panelStride)
        product.a_block_depth = product.a_row
        product.depth = pass.facts.words(dense.units)
        product.precision = pass.facts.productPrecision
        product.b = UnsafePointer(node.outputBuffer(.packedWT))
        product.b_panel = pass.facts.panelStride(depth: dense.units)
        product.c = dx + rows.lowerBound * input.stride
        product.c_panel = kernels.panelWidth
        product.c_row = input.stride
        product.c_group = kernels.lanes
        product.columns = input.features
        product.whole = true
        let tile = pass.worker.tile(rows: rows.count, columns: input.features, kernels)
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }

    /// dW (+)= xᵀ · gradient; the first block overwrites what was there.
    func addWeightGradient(_ pass: borrowing LossPass) {
        let (kernels, node) = (pass.facts.kernels, pass.node)
        let (input, isHalf) = (node.inputs[0], pass.facts.multipliesPairs)
        var product = pass.facts.transposedProduct(
            of: isHalf ? node.outputBuffer(.xHalfOfBlock) : input.row(rows.lowerBound),
            stride: isHalf ? PackedSize.halfStride(input.features) : input.stride,
            rows: rows.count, pass.worker)
        product.b = UnsafePointer(sums)
        product.b_panel = panelStride
        product.c = node.gradients[0]
        product.c_panel = kernels.panelWidth
        product.c_row = dense.units
        product.c_group = kernels.lanes
        product.columns = dense.units
        product.accumulate = rows.lowerBound > 0
        let tile = pass.worker.tile(rows: input.features, columns: dense.units, kernels)
        kernels.gemm(product, rows: tile.rows, panels: tile.panels)
    }
}
