package import StrataData
package import StrataGraph
import StrataRuntime

/// Checked inputs with checked targets.
package struct ExampleTable: Sendable {
    private enum Targets: Sendable {
        /// [length, V] of each example, row-major.
        case values([[Float]], width: Int)
        /// [length] classes of each example; below 0 nothing is wanted at a step.
        case classes([[Int32]])
    }

    package let inputs: ExampleInputs
    package let target: TargetSpec
    private let targets: Targets

    /// How many examples there are.
    package var count: Int { inputs.count }

    /// Checks numbers [T][V] to answer with.
    package init(inputs: ExampleInputs, values: [[[Float]]], isSequence: Bool) throws(DataError) {
        try ExampleCheck.sameCount(inputs: inputs.count, targets: values.count, name: "targets")
        for (rows, (index, length)) in zip(values, inputs.lengths.enumerated())
        where rows.count != length {
            throw DataError(
                .invalid, "targets[\(index)] has \(rows.count) steps, its input \(length)")
        }
        let suffix = isSequence ? "[0]" : ""
        let width = try ExampleCheck.width(
            nil, of: values.first?.first, place: "targets[0]\(suffix)")
        for (index, rows) in values.enumerated() {
            for (step, row) in rows.enumerated() {
                let place = "targets[\(index)]" + (isSequence ? "[\(step)]" : "")
                try ExampleCheck.row(row, width: width, place: place)
            }
        }
        self.inputs = inputs
        target = .values(width)
        targets = .values(values.map { Array($0.joined()) }, width: width)
    }

    /// Checks classes to answer with: one for each step, or one for the last.
    ///
    /// - Parameter name: what messages call them.
    package init(
        inputs: ExampleInputs, labels: [[Int]], classes: Int, isSequence: Bool, name: String
    ) throws(DataError) {
        try ExampleCheck.classCount(classes)
        try ExampleCheck.sameCount(inputs: inputs.count, targets: labels.count, name: name)
        var rows: [[Int32]] = []
        for (index, labels) in labels.enumerated() {
            let length = inputs.lengths[index]
            guard labels.count == length || labels.count == 1 else {
                throw DataError(
                    .invalid,
                    "\(name)[\(index)] has \(labels.count) classes, its input \(length) steps",
                    hint: "give one class for each step, or one for the whole sequence")
            }
            for (step, label) in labels.enumerated() {
                try ExampleCheck.label(
                    label, count: classes,
                    place: "\(name)[\(index)]" + (isSequence ? "[\(step)]" : ""))
            }
            let nothing = [Int32](repeating: -1, count: length - labels.count)
            rows.append(nothing + labels.map(Int32.init))
        }
        self.inputs = inputs
        target = .classes(classes)
        targets = .classes(rows)
    }

    /// Writes the targets of examples side by side; what is left is padding.
    func fillTargets(_ executor: Executor, example: (Int) -> Int?) {
        let (steps, batch) = (executor.plan.steps, executor.plan.batch)
        for loss in executor.losses.values where loss.rows == steps * batch {
            for column in 0..<batch {
                let chosen = example(column)
                let length = chosen.map { min(inputs.lengths[$0], steps) } ?? 0
                for step in 0..<steps {
                    let place = step < length ? chosen : nil
                    write(place, step: step, to: loss, row: step * batch + column)
                }
            }
        }
    }

    private func write(_ example: Int?, step: Int, to loss: LossBuffers, row: Int) {
        switch targets {
        case .classes(let classes):
            loss.usesValues = false
            loss.classes[row] = example.map { classes[$0][step] } ?? -1
        case .values(let values, let width):
            loss.usesValues = true
            let target = loss.values.base + row * TensorSpec.rowStride(width)
            if let example {
                let values = values[example]
                for column in 0..<width { target[column] = values[step * width + column] }
            } else {
                target.update(repeating: 0, count: width)
            }
        }
    }
}
