package import StrataKernels

/// What a plan, or a run of one, is for.
public enum ExecutionMode: Hashable, Sendable, CaseIterable {
    /// Forward, loss and backward; dropout acts.
    case training
    /// Forward and loss.
    case evaluation
    /// Forward only; outputs are activated.
    case inference
}

/// The facts of one run that all commands share.
package struct RunFacts: @unchecked Sendable {
    package var mode: ExecutionMode
    package var kernels: Kernels
    package var steps: Int
    package var batch: Int
    /// 1 where a step of a sequence counts, 0 where it is padding: [T, B]; nil: all count.
    package var mask: UnsafePointer<Float>?
    /// The key of this step's random numbers.
    package var randomKey: UInt64
    /// What the products multiply.
    package var precision: Precision
    /// What packed weights are rounded to; other than float32 only where nothing is trained.
    package var weights: WeightPrecision

    package init(
        mode: ExecutionMode, kernels: Kernels, steps: Int, batch: Int,
        mask: UnsafePointer<Float>? = nil, randomKey: UInt64 = 0,
        precision: Precision = .float32, weights: WeightPrecision = .float32
    ) {
        self.mode = mode
        self.kernels = kernels
        self.steps = steps
        self.batch = batch
        self.mask = mask
        self.randomKey = randomKey
        self.precision = precision
        self.weights = weights
    }

    /// Whether all products are of a single row, whose time is that of reading weights.
    package var isSingleRow: Bool { mode == .inference && steps == 1 && batch == 1 }
}

/// What a layer sees while it packs its weights.
public struct PreparePass: ~Copyable {
    package let node: NodeBuffers
    package let facts: RunFacts
    package let worker: Worker

    package init(node: NodeBuffers, facts: RunFacts, worker: Worker) {
        self.node = node
        self.facts = facts
        self.worker = worker
    }
}

/// What a layer sees while it computes its output.
public struct ForwardPass: ~Copyable {
    package let node: NodeBuffers
    package let facts: RunFacts
    package let worker: Worker

    package init(node: NodeBuffers, facts: RunFacts, worker: Worker) {
        self.node = node
        self.facts = facts
        self.worker = worker
    }
}

/// What a layer sees while it computes gradients.
public struct BackwardPass: ~Copyable {
    package let node: NodeBuffers
    package let facts: RunFacts
    package let worker: Worker

    package init(node: NodeBuffers, facts: RunFacts, worker: Worker) {
        self.node = node
        self.facts = facts
        self.worker = worker
    }

    /// The gradient of the output, which the plan always provides to backward.
    package var outputGradient: UnsafeMutablePointer<Float> {
        guard let gradient = node.outputGradient else {
            preconditionFailure("backward of a node that has no output gradient")
        }
        return gradient
    }
}

/// What a loss layer sees while it compares its output with the target and computes gradients.
public struct LossPass: ~Copyable {
    package let node: NodeBuffers
    package let facts: RunFacts
    package let worker: Worker
    /// The rows, and how many to go through at a time.
    package let blocks: RowBlocks
    /// The classes of the rows; below 0 a row does not count.
    ///
    /// Nil for dense targets.
    package let classes: UnsafePointer<Int32>?
    /// Dense targets with the output's row stride; nil for classes.
    package let values: UnsafePointer<Float>?
    /// The loss of each row.
    package let rowLosses: UnsafeMutablePointer<Double>
    /// What each row's loss contributes to the mean: 1 / rows that count, or 0.
    package let rowWeights: UnsafePointer<Float>

    package init(
        node: NodeBuffers, facts: RunFacts, worker: Worker, blocks: RowBlocks,
        classes: UnsafePointer<Int32>?, values: UnsafePointer<Float>?,
        rowLosses: UnsafeMutablePointer<Double>, rowWeights: UnsafePointer<Float>
    ) {
        self.node = node
        self.facts = facts
        self.worker = worker
        self.blocks = blocks
        self.classes = classes
        self.values = values
        self.rowLosses = rowLosses
        self.rowWeights = rowWeights
    }
}
