internal import CStrataKernels

// The steps of LSTM layers and what surrounds them.
extension Kernels {
    /// Computes one step forward for rows of the batch and panels of units.
    package func lstmForward(_ step: LSTMStepArguments, rows: Range<Int>, panels: Range<Int>) {
        withUnsafePointer(to: step) {
            table.pointee.lstm_forward(
                $0, rows.lowerBound, rows.upperBound, panels.lowerBound, panels.upperBound)
        }
    }

    /// Turns a step's gates into gradients, for rows of the batch and panels of units.
    package func lstmBackward(_ step: LSTMStepArguments, rows: Range<Int>, panels: Range<Int>) {
        withUnsafePointer(to: step) {
            table.pointee.lstm_backward(
                $0, rows.lowerBound, rows.upperBound, panels.lowerBound, panels.upperBound)
        }
    }

    /// Fills gates with the bias and the row of the weights that each token names.
    package func lstmLookup(
        _ gates: UnsafeMutablePointer<Float>, panelStride: Int, tokens: UnsafePointer<Int32>,
        rows: Int, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, units: Int,
        panels: Range<Int>
    ) {
        table.pointee.lstm_lookup(
            gates, panelStride, tokens, rows, weights, bias, units, panels.lowerBound,
            panels.upperBound)
    }

    /// Adds the gradients of gates to the row of the weights that each token names.
    package func lstmLookupBackward(
        _ weightGradient: UnsafeMutablePointer<Float>, gates: GateRows,
        tokens: UnsafePointer<Int32>, rows: Int, vocabulary: Int, units: Int,
        scratch: ProductScratch, panels: Range<Int>
    ) {
        table.pointee.lstm_lookup_backward(
            weightGradient, gates.base, gates.panelStride, gates.precision, tokens, rows,
            vocabulary, units, scratch.floats, panels.lowerBound, panels.upperBound)
    }

    /// Adds the gradients of the bias and, unless `peepholeGradient` is nil, of the peepholes.
    package func lstmBiasBackward(
        _ biasGradient: UnsafeMutablePointer<Float>,
        peepholeGradient: UnsafeMutablePointer<Float>?, gates: GateRows,
        previousCells: UnsafePointer<Float>?, cells: UnsafePointer<Float>?, stride: Int, rows: Int,
        units: Int, panels: Range<Int>
    ) {
        table.pointee.lstm_bias_backward(
            biasGradient, peepholeGradient, gates.base, gates.panelStride, gates.precision,
            previousCells, cells, stride, rows, units, panels.lowerBound, panels.upperBound)
    }
}
