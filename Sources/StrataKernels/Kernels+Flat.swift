internal import CStrataKernels

// Kernels on flat buffers.
extension Kernels {
    /// Sets every element.
    package func fill(_ x: UnsafeMutablePointer<Float>, value: Float, count: Int) {
        table.pointee.fill(x, value, count)
    }

    /// Adds `x` to `y`.
    package func add(_ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, count: Int) {
        table.pointee.add(y, x, count)
    }

    /// Sums the squares in an order that depends only on `count`.
    package func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
        table.pointee.sum_of_squares(x, count)
    }

    /// Performs one optimizer step on a stretch of the parameters.
    package func update(
        _ arguments: UpdateArguments, parameters: UnsafeMutablePointer<Float>,
        gradients: UnsafePointer<Float>, momenta: UnsafeMutablePointer<Float>?,
        squares: UnsafeMutablePointer<Float>?, count: Int
    ) {
        withUnsafePointer(to: arguments) {
            table.pointee.update($0, parameters, gradients, momenta, squares, count)
        }
    }

    /// Whether no element is infinite or NaN.
    package func allFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
        table.pointee.all_finite(x, count)
    }
}
