import StrataGraph

/// Turns the regions of a plan into the pointers that the passes use.
struct NodeBinder {
    let plan: ExecutionPlan
    let parameters: ParameterStore
    let gradients: Arena
    let base: UnsafeMutablePointer<Float>

    func nodes() -> [NodeBuffers] {
        var firstParameter = 0
        return plan.graph.nodes.enumerated().map { index, node in
            let entries = parameters.entries[
                firstParameter..<(firstParameter + node.plan.parameters.count)]
            firstParameter += node.plan.parameters.count
            return NodeBuffers(
                layerHash: RandomKey.layer(named: node.name),
                inputs: node.inputs.map { view(of: $0) }, output: view(ofNode: index),
                parameters: entries.map { parameters.values.base + $0.range.lowerBound },
                gradients: plan.purpose == .training
                    ? entries.map { gradients.base + $0.range.lowerBound } : [],
                states: node.plan.states.indices.map { required(.state(node: index, index: $0)) },
                buffers: node.plan.buffers.indices.map { pointer(.buffer(node: index, index: $0)) },
                inputGradients: node.inputs.indices.map {
                    pointer(.inputGradient(node: index, slot: $0))
                },
                outputGradient: plan.outputGradient(ofNode: index).flatMap { pointer($0) })
        }
    }

    private func view(ofNode index: Int) -> TensorView? {
        plan.regions[.output(index)] == nil ? nil : view(of: .node(index))
    }

    private func view(of value: ValueID) -> TensorView {
        let spec = plan.graph.spec(of: value)
        let rows = spec.storedRows(steps: plan.steps, batch: plan.batch)
        switch value {
        case .input(let index):
            return TensorView(base: required(.input(index)), spec: spec, rows: rows)
        case .node(let index):
            let names = spec.distinctRows == nil ? nil : plan.graph.nodes[index].inputs.first
            return TensorView(
                base: required(.output(index)), spec: spec, rows: rows,
                names: names.map { view(of: $0).tokens })
        }
    }

    private func pointer(_ id: BufferID) -> UnsafeMutablePointer<Float>? {
        plan.regions[id].map { base + $0.offset }
    }

    private func required(_ id: BufferID) -> UnsafeMutablePointer<Float> {
        guard let pointer = pointer(id) else {
            preconditionFailure("the plan has no memory for \(plan.name(of: id))")
        }
        return pointer
    }
}
