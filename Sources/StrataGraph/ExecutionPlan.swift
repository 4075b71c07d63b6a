/// A piece of the arena, named by what it holds.
public enum BufferID: Hashable, Sendable {
    /// The rows of a network input.
    case input(Int)
    /// The output of a node.
    case output(Int)
    /// The gradient that a node writes for one of its inputs.
    case inputGradient(node: Int, slot: Int)
    /// A node's own buffer: prepared weights, workspace or scratch.
    case buffer(node: Int, index: Int)
    /// A state that a node carries from window to window.
    case state(node: Int, index: Int)
}

/// One step of a plan, done by all workers together.
public struct Command: Hashable, Sendable {
    /// The parts of a run, in order.
    public enum Phase: Int, Hashable, Sendable, CaseIterable {
        /// Weights are packed, if they changed.
        case prepare
        /// Outputs are computed.
        case forward
        /// Outputs of losses are computed, compared with their targets and, in training,
        /// differentiated.
        case loss
        /// Gradients are computed.
        case backward
        /// States are kept for the next window.
        case carry
    }

    /// What is done.
    public enum Operation: Hashable, Sendable {
        /// A node packs its weights.
        case prepare(Int)
        /// A node computes its output.
        case forward(Int)
        /// A node computes its output, compares it with the target and, in training, computes
        /// gradients.
        case loss(Int)
        /// The gradients from several readers of a node's output are added into the first.
        case sumGradients(Int)
        /// A node computes gradients.
        case backward(Int)
        /// A node's states for the next window are kept.
        case carry(Int)
        /// All workers meet.
        case barrier
    }

    /// The part of the run.
    public var phase: Phase
    /// What is done.
    public var operation: Operation
    /// What must have been written before.
    public var reads: [BufferID]
    /// What is written.
    public var writes: [BufferID]
}

/// A flat list of commands over one arena: what the executor does at every step.
public struct ExecutionPlan: Sendable {
    /// Where a buffer lies in the arena and how long its contents matter.
    public struct Region: Hashable, Sendable {
        /// What it holds.
        public var buffer: BufferID
        /// First float, a multiple of 16.
        public var offset: Int
        /// Floats, a multiple of 16.
        public var count: Int
        /// The commands from the first write to the last read.
        public var live: ClosedRange<Int>
    }

    /// The compiled network.
    public var graph: Graph
    /// Steps of a window.
    public var steps: Int
    /// Sequences side by side.
    public var batch: Int
    /// What its runs are for; one for training can be run for evaluation, too.
    public var purpose: ExecutionMode
    /// What the products multiply.
    public var precision: Precision
    /// The commands in order.
    public var commands: [Command]
    /// The arena's regions by what they hold.
    public var regions: [BufferID: Region]
    /// Floats of the arena.
    public var arenaCount: Int

    /// The rows of a node's output, and how many a loss goes through at a time.
    package func blocks(ofNode index: Int) -> RowBlocks {
        let node = graph.nodes[index].plan
        return RowBlocks(
            rows: node.output.rows(steps: steps, batch: batch), limit: node.blockRows,
            precision: precision)
    }

    /// Whether a buffer still has its contents when a run has ended: nothing that lives later shares its memory.
    package func isKept(_ id: BufferID) -> Bool {
        guard let region = regions[id] else { return false }
        let place = region.offset..<region.offset + region.count
        return !regions.values.contains { other in
            other.live.upperBound > region.live.upperBound
                && place.overlaps(other.offset..<other.offset + other.count)
        }
    }

    /// The buffer that holds the gradient of a node's output, or nil where nobody needs it.
    package func outputGradient(ofNode index: Int) -> BufferID? {
        gradientParts(ofNode: index).first
    }

    /// The gradients that the readers of a node's output write, in order.
    package func gradientParts(ofNode index: Int) -> [BufferID] {
        graph.consumers(of: .node(index)).map {
            BufferID.inputGradient(node: $0.node, slot: $0.slot)
        }
        .filter { regions[$0] != nil }
    }
}
