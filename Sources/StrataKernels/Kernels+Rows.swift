internal import CStrataKernels

// Kernels on rows of activations, and losses.
extension Kernels {
    /// Computes the softmax of rows; `y` may be `x`.
    package func softmax(
        _ y: UnsafeMutablePointer<Float>, from x: UnsafePointer<Float>, strides: RowStrides,
        rows: Int, columns: Int
    ) {
        table.pointee.softmax(y, x, strides.row, strides.panel, rows, columns)
    }

    /// Carries gradients back through a softmax with outputs `y`; `dx` may be `dy`.
    package func softmaxBackward(
        _ dx: UnsafeMutablePointer<Float>, from dy: UnsafePointer<Float>, y: UnsafePointer<Float>,
        strides: RowStrides, rows: Int, columns: Int
    ) {
        table.pointee.softmax_backward(dx, dy, y, strides.row, strides.panel, rows, columns)
    }

    /// Computes the cross-entropy of logits against class numbers, and its gradient, which may
    /// take the logits' place.
    package func softmaxCrossEntropy(
        _ losses: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Float>?,
        logits: UnsafePointer<Float>, strides: RowStrides, targets: UnsafePointer<Int32>,
        weights: UnsafePointer<Float>, rows: Int, columns: Int
    ) {
        table.pointee.softmax_cross_entropy(
            losses, gradient, logits, strides.row, strides.panel, targets, weights, rows, columns)
    }

    /// Computes a loss of outputs against targets of the same shape, and its gradient, which may
    /// take the outputs' place.
    package func denseLoss(
        _ losses: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Float>?,
        outputs: UnsafePointer<Float>, strides: RowStrides, targets: UnsafePointer<Float>,
        stride targetsStride: Int, kind: LossCode, weights: UnsafePointer<Float>, rows: Int,
        columns: Int
    ) {
        table.pointee.dense_loss(
            losses, gradient, outputs, strides.row, strides.panel, targets, targetsStride, kind,
            weights, rows, columns)
    }

    /// Copies the row of a table that each token names.
    package func gather(
        _ y: UnsafeMutablePointer<Float>, stride: Int, table rowsOfTable: UnsafePointer<Float>,
        columns: Int, tokens: UnsafePointer<Int32>, rows: Int
    ) {
        table.pointee.gather(y, stride, rowsOfTable, columns, tokens, rows)
    }

    /// Adds gradients to the row of a table that each token names, for a range of its columns.
    package func scatterAdd(
        _ tableGradient: UnsafeMutablePointer<Float>, columns: Int, from dy: UnsafePointer<Float>,
        stride: Int, tokens: UnsafePointer<Int32>, rows: Int, columnRange: Range<Int>
    ) {
        table.pointee.scatter_add(
            tableGradient, columns, dy, stride, tokens, rows, columnRange.lowerBound,
            columnRange.upperBound)
    }

    /// Adds the sums of a range of columns.
    package func columnSums(
        _ sums: UnsafeMutablePointer<Float>, from dy: UnsafePointer<Float>, stride: Int, rows: Int,
        columnRange: Range<Int>
    ) {
        table.pointee.column_sums(
            sums, dy, stride, rows, columnRange.lowerBound, columnRange.upperBound)
    }
}
