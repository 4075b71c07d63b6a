import StrataGraph
import StrataKernels

extension Executor {
    /// Where values first went bad in the last run, in words, or nil where all are finite.
    ///
    /// Only what is still in memory can be searched: parameters before states and outputs before
    /// gradients, each in the order of the network.
    package func firstNonFinite() -> String? {
        for entry in parameters.entries where !isFinite(parameters.values, entry.range) {
            return "the parameter '\(entry.name)'"
        }
        guard plan.purpose == .training else { return nil }
        for (index, node) in plan.graph.nodes.enumerated() {
            for state in node.plan.states where !isFinite(state, ofNode: index) {
                return "the state '\(node.name).\(state.name)'"
            }
            guard plan.isKept(.output(index)), let view = nodes[index].ownOutput else { continue }
            if !(0..<view.rows).allSatisfy({ row in
                kernels.allFinite(view.row(row), count: view.features)
            }) {
                return "the output of layer '\(node.nameWithFused)'"
            }
        }
        for entry in parameters.entries.reversed()
        where !isFinite(gradients, entry.range) {
            return "the gradient of '\(entry.name)'"
        }
        return nil
    }

    /// Whether the values of a state at all steps are finite, as far as they are there.
    private func isFinite(_ state: StateSpec, ofNode index: Int) -> Bool {
        guard case .buffer(let buffer) = state.source,
            plan.isKept(.buffer(node: index, index: buffer)),
            let values = nodes[index].buffers[buffer]
        else { return true }
        return (0..<plan.steps * plan.batch).allSatisfy { row in
            kernels.allFinite(
                values + row * TensorSpec.rowStride(state.features), count: state.features)
        }
    }

    private func isFinite(_ arena: Arena, _ range: Range<Int>) -> Bool {
        kernels.allFinite(arena.base + range.lowerBound, count: range.count)
    }
}
