import StrataKernels

/// Matrices in double precision with reverse-mode differentiation: the oracle of the kernels.
///
/// Every operation records how a gradient flows back through it; a layer's reference code states
/// only the forward equations. Slow and plain on purpose.
public struct ReferenceTape {
    /// A matrix on the tape.
    public struct Variable: Hashable, Sendable {
        package let index: Int
    }

    /// A row-major matrix.
    package struct Matrix: Sendable {
        package var rows: Int
        package var columns: Int
        package var values: [Double]

        package init(rows: Int, columns: Int, values: [Double]) {
            precondition(values.count == rows * columns, "a matrix needs rows x columns values")
            self.rows = rows
            self.columns = columns
            self.values = values
        }

        package init(rows: Int, columns: Int, repeating value: Double = 0) {
            self.init(
                rows: rows, columns: columns,
                values: [Double](repeating: value, count: rows * columns))
        }

        package subscript(row: Int, column: Int) -> Double {
            get { values[row * columns + column] }
            set { values[row * columns + column] = newValue }
        }
    }

    typealias Pullback = (Matrix, inout [Matrix]) -> Void

    private var matrices: [Matrix] = []
    private var pullbacks: [Pullback?] = []
    /// What products multiply.
    let precision: Precision

    /// - Parameter precision: what products multiply, in both directions; sums are of doubles in any case.
    package init(precision: Precision = .float32) { self.precision = precision }

    /// A matrix as products in a precision read it.
    static func factors(_ matrix: Matrix, in precision: Precision) -> Matrix {
        guard precision == .bfloat16 else { return matrix }
        var rounded = matrix
        rounded.values = matrix.values.map { Double(Float($0).roundedToBFloat16) }
        return rounded
    }

    /// The value of a variable.
    package func value(_ variable: Variable) -> Matrix { matrices[variable.index] }

    /// Puts a constant or a parameter on the tape.
    package mutating func constant(_ matrix: Matrix) -> Variable { record(matrix, nil) }

    mutating func record(_ matrix: Matrix, _ pullback: Pullback?) -> Variable {
        matrices.append(matrix)
        pullbacks.append(pullback)
        return Variable(index: matrices.count - 1)
    }

    /// The gradient of the sum of `result`'s elements with respect to every variable.
    package func gradients(of result: Variable) -> [Matrix] {
        var gradients = matrices.map { Matrix(rows: $0.rows, columns: $0.columns) }
        let shape = matrices[result.index]
        gradients[result.index] = Matrix(rows: shape.rows, columns: shape.columns, repeating: 1)
        for index in stride(from: result.index, through: 0, by: -1) {
            pullbacks[index]?(gradients[index], &gradients)
        }
        return gradients
    }
}
