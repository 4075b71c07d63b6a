import CStrataKernels
import Foundation
import StrataGraph
package import StrataKernels
public import StrataSchema

/// What training makes small: a number for every row, averaged over the rows that count.
public enum Loss: String, ConfigChoice {
    /// -log of the probability of the right class; goes with softmax.
    case crossEntropy = "cross_entropy"
    /// -(t log y + (1 - t) log(1 - y)), mean over the outputs; goes with sigmoid.
    case binaryCrossEntropy = "binary_cross_entropy"
    /// (y - t)², mean over the outputs.
    case mse
    /// |y - t|, mean over the outputs.
    case mae

    /// Deeplearning4j's spellings.
    public static let aliases: [String: Loss] = [
        "MCXENT": .crossEntropy, "NEGATIVELOGLIKELIHOOD": .crossEntropy,
        "XENT": .binaryCrossEntropy, "MSE": .mse, "MEAN_ABSOLUTE_ERROR": .mae,
    ]

    /// The activation whose sums the loss is computed from, if it needs a certain one.
    package var requiredActivation: Activation? {
        switch self {
        case .crossEntropy: .softmax
        case .binaryCrossEntropy: .sigmoid
        case .mse, .mae: nil
        }
    }

    /// The kernels' code for dense targets.
    package var code: LossCode {
        switch self {
        case .mse: SK_MSE
        case .mae: SK_MAE
        case .binaryCrossEntropy: SK_BINARY_CROSS_ENTROPY
        case .crossEntropy: SK_CROSS_ENTROPY
        }
    }

    /// The weighted sum over rows in double precision; `output` holds sums where the loss
    /// requires an activation, else activated values.
    func reference(_ pass: inout ReferencePass, output: ReferenceTape.Variable)
        -> ReferenceTape.Variable
    {
        let shape = pass.tape.value(output)
        let targets = pass.targetMatrix(columns: shape.columns)
        let weights = pass.rowWeights(rows: shape.rows)
        let perElement: ReferenceTape.Variable
        switch self {
        case .crossEntropy:
            let logs = pass.tape.logSoftmax(output)
            let minusTargets = pass.tape.constant(targets.map { -$0 })
            perElement = pass.tape.scaled(logs, by: minusTargets)
        case .binaryCrossEntropy:
            // softplus(z) - t z, which is the loss of sigmoid(z).
            let softplus = pass.activate(output, .softplus)
            let minusTargets = pass.tape.constant(targets.map { -$0 })
            let linear = pass.tape.scaled(output, by: minusTargets)
            perElement = pass.tape.sum(softplus, linear)
        case .mse, .mae:
            let minusTargets = pass.tape.constant(targets.map { -$0 })
            let error = pass.tape.sum(output, minusTargets)
            perElement =
                self == .mse
                ? pass.tape.map(error, { $0 * $0 }, derivative: { 2 * $0 })
                : pass.tape.map(error, abs, derivative: { $0 == 0 ? 0 : ($0 > 0 ? 1 : -1) })
        }
        let share = self == .crossEntropy ? 1 : 1 / Double(shape.columns)
        let column = pass.tape.constant(
            .init(rows: shape.rows, columns: 1, values: weights.map { $0 * share }))
        let weighted = pass.tape.scaled(perElement, by: column)
        return pass.tape.total(weighted)
    }
}

extension ReferenceTape.Matrix {
    fileprivate func map(_ f: (Double) -> Double) -> Self {
        Self(rows: rows, columns: columns, values: values.map(f))
    }
}

extension ReferencePass {
    /// The targets as rows; a class below 0 gives a row of zeros.
    fileprivate func targetMatrix(columns: Int) -> ReferenceTape.Matrix {
        switch target {
        case .values(let matrix): return matrix
        case .classes(let classes):
            var matrix = ReferenceTape.Matrix(rows: classes.count, columns: columns)
            for (row, label) in classes.enumerated() where label >= 0 { matrix[row, label] = 1 }
            return matrix
        case nil: preconditionFailure("a loss needs a target")
        }
    }

    /// What each row contributes to the mean.
    fileprivate func rowWeights(rows: Int) -> [Double] {
        (0..<rows).map { row in
            if case .classes(let classes) = target, classes[row] < 0 { return 0 }
            return (mask.map { $0[row] } ?? 1) * lossWeight
        }
    }
}
