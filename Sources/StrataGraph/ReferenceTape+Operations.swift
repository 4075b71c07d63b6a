import Foundation

extension ReferenceTape {
    /// a · b.
    package mutating func product(_ a: Variable, _ b: Variable) -> Variable {
        let (x, y) = (
            Self.factors(value(a), in: precision), Self.factors(value(b), in: precision)
        )
        precondition(x.columns == y.rows, "a product needs matching inner sizes")
        var z = Matrix(rows: x.rows, columns: y.columns)
        for i in 0..<x.rows {
            for k in 0..<x.columns {
                let factor = x[i, k]
                for j in 0..<y.columns { z[i, j] += factor * y[k, j] }
            }
        }
        return record(z) { [precision] dz, gradients in
            let dz = Self.factors(dz, in: precision)
            for i in 0..<x.rows {
                for k in 0..<x.columns {
                    var sum = 0.0
                    for j in 0..<y.columns {
                        sum += dz[i, j] * y[k, j]
                        gradients[b.index][k, j] += dz[i, j] * x[i, k]
                    }
                    gradients[a.index][i, k] += sum
                }
            }
        }
    }

    /// a + b, element by element; a `b` of one row is added to every row.
    package mutating func sum(_ a: Variable, _ b: Variable) -> Variable {
        combine(a, b, { $0 + $1 }, { _, _ in (1, 1) })
    }

    /// a ⊙ b, element by element; a `b` of one row or one column is repeated.
    package mutating func scaled(_ a: Variable, by b: Variable) -> Variable {
        combine(a, b, { $0 * $1 }, { ($1, $0) })
    }

    private mutating func combine(
        _ a: Variable, _ b: Variable, _ f: (Double, Double) -> Double,
        _ derivatives: @escaping (Double, Double) -> (Double, Double)
    ) -> Variable {
        let (x, y) = (value(a), value(b))
        precondition(
            (y.rows == x.rows || y.rows == 1) && (y.columns == x.columns || y.columns == 1),
            "operands need equal shapes, or one row or column to repeat")
        var z = x
        for i in 0..<x.rows {
            for j in 0..<x.columns {
                z[i, j] = f(x[i, j], y[y.rows == 1 ? 0 : i, y.columns == 1 ? 0 : j])
            }
        }
        return record(z) { dz, gradients in
            for i in 0..<x.rows {
                for j in 0..<x.columns {
                    let (row, column) = (y.rows == 1 ? 0 : i, y.columns == 1 ? 0 : j)
                    let (da, db) = derivatives(x[i, j], y[row, column])
                    gradients[a.index][i, j] += dz[i, j] * da
                    gradients[b.index][row, column] += dz[i, j] * db
                }
            }
        }
    }

    /// f of every element.
    package mutating func map(
        _ a: Variable, _ f: (Double) -> Double, derivative: @escaping (Double) -> Double
    ) -> Variable {
        let x = value(a)
        let z = Matrix(rows: x.rows, columns: x.columns, values: x.values.map(f))
        return record(z) { dz, gradients in
            for i in x.values.indices {
                gradients[a.index].values[i] += dz.values[i] * derivative(x.values[i])
            }
        }
    }

    /// softmax of every row.
    package mutating func softmax(_ a: Variable) -> Variable {
        let x = value(a)
        var y = x
        for i in 0..<x.rows {
            let row = (0..<x.columns).map { x[i, $0] }
            let top = row.max() ?? 0
            let total = row.reduce(0) { $0 + exp($1 - top) }
            for j in 0..<x.columns { y[i, j] = exp(x[i, j] - top) / total }
        }
        return record(y) { [y] dy, gradients in
            for i in 0..<y.rows {
                let inner = (0..<y.columns).reduce(0) { $0 + dy[i, $1] * y[i, $1] }
                for j in 0..<y.columns {
                    gradients[a.index][i, j] += y[i, j] * (dy[i, j] - inner)
                }
            }
        }
    }

    /// log softmax of every row, without overflow.
    package mutating func logSoftmax(_ a: Variable) -> Variable {
        let x = value(a)
        var y = x
        for i in 0..<x.rows {
            let row = (0..<x.columns).map { x[i, $0] }
            let top = row.max() ?? 0
            let total = row.reduce(0) { $0 + exp($1 - top) }
            for j in 0..<x.columns { y[i, j] = x[i, j] - top - log(total) }
        }
        return record(y) { [y] dy, gradients in
            for i in 0..<y.rows {
                let total = (0..<y.columns).reduce(0) { $0 + dy[i, $1] }
                for j in 0..<y.columns {
                    gradients[a.index][i, j] += dy[i, j] - exp(y[i, j]) * total
                }
            }
        }
    }

    /// A block of rows and columns.
    package mutating func slice(
        _ a: Variable, rows: Range<Int>? = nil, columns: Range<Int>? = nil
    ) -> Variable {
        let x = value(a)
        let (rows, columns) = (rows ?? 0..<x.rows, columns ?? 0..<x.columns)
        var z = Matrix(rows: rows.count, columns: columns.count)
        for i in rows {
            for j in columns { z[i - rows.lowerBound, j - columns.lowerBound] = x[i, j] }
        }
        return record(z) { dz, gradients in
            for i in rows {
                for j in columns {
                    gradients[a.index][i, j] += dz[i - rows.lowerBound, j - columns.lowerBound]
                }
            }
        }
    }

    /// Matrices below each other.
    package mutating func stackedRows(_ parts: [Variable]) -> Variable {
        let matrices = parts.map { value($0) }
        let columns = matrices.first?.columns ?? 0
        let z = Matrix(
            rows: matrices.reduce(0) { $0 + $1.rows }, columns: columns,
            values: matrices.flatMap(\.values))
        return record(z) { dz, gradients in
            var offset = 0
            for part in parts {
                let count = gradients[part.index].values.count
                for i in 0..<count { gradients[part.index].values[i] += dz.values[offset + i] }
                offset += count
            }
        }
    }

    /// Matrices beside each other.
    package mutating func joinedColumns(_ parts: [Variable]) -> Variable {
        let matrices = parts.map { value($0) }
        let rows = matrices.first?.rows ?? 0
        var z = Matrix(rows: rows, columns: matrices.reduce(0) { $0 + $1.columns })
        var starts: [Int] = []
        var start = 0
        for matrix in matrices {
            starts.append(start)
            for i in 0..<rows {
                for j in 0..<matrix.columns { z[i, start + j] = matrix[i, j] }
            }
            start += matrix.columns
        }
        return record(z) { [starts] dz, gradients in
            for (part, start) in zip(parts, starts) {
                let columns = gradients[part.index].columns
                for i in 0..<rows {
                    for j in 0..<columns { gradients[part.index][i, j] += dz[i, start + j] }
                }
            }
        }
    }

    /// The table's row of each token; a token below 0 gives a row of zeros.
    package mutating func rows(of table: Variable, _ tokens: [Int]) -> Variable {
        let x = value(table)
        var z = Matrix(rows: tokens.count, columns: x.columns)
        for (i, token) in tokens.enumerated() where token >= 0 {
            for j in 0..<x.columns { z[i, j] = x[token, j] }
        }
        return record(z) { dz, gradients in
            for (i, token) in tokens.enumerated() where token >= 0 {
                for j in 0..<dz.columns { gradients[table.index][token, j] += dz[i, j] }
            }
        }
    }

    /// The sum of all elements, a matrix of one.
    package mutating func total(_ a: Variable) -> Variable {
        let x = value(a)
        let z = Matrix(rows: 1, columns: 1, values: [x.values.reduce(0, +)])
        return record(z) { dz, gradients in
            for i in x.values.indices { gradients[a.index].values[i] += dz.values[0] }
        }
    }
}
