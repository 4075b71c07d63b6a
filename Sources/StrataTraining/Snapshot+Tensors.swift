package import StrataFormats
package import StrataGraph
import StrataRuntime
import StrataSchema

extension Snapshot {
    /// What the names of the optimizer's two moments begin with.
    static let momentNames = ["optimizer.m.", "optimizer.v."]
    /// What the names of carried states begin with.
    static let statePrefix = "state."

    /// Puts the parameters back.
    ///
    /// - Throws: `FormatError` of kind `.wrongArchitecture` that lists what differs, layer by layer.
    package func restore(_ model: Model, path: String) throws(FormatError) {
        let tensors = parameters(of: model.graph)
        do throws(FormatError) {
            try model.graph.checkParameters(tensors)
            try model.parameters.restore(tensors)
        } catch {
            throw error.at(path: path)
        }
    }

    /// The tensors that are a network's parameters, or have no place in a checkpoint of it.
    package func parameters(of graph: Graph) -> [TensorEntry] {
        // A layer may be named 'optimizer' or 'state' itself.
        let wanted = Set(graph.parameters.map(\.name))
        return tensors.filter { tensor in
            wanted.contains(tensor.name)
                || !["optimizer.", Self.statePrefix].contains { tensor.name.hasPrefix($0) }
        }
    }

    /// Puts moments, states and position back; ``restore(_:path:)`` comes first.
    package func restore(_ trainer: Trainer, path: String) throws(FormatError) {
        let parameters = trainer.model.parameters
        let moments = [trainer.update.firstMoment, trainer.update.secondMoment]
        for (name, moment) in zip(Self.momentNames, moments) {
            guard let moment else { continue }
            for entry in parameters.entries {
                let values = try required(name + entry.name, count: entry.range.count, path: path)
                _ = moment.buffer(entry.range).update(fromContentsOf: values)
            }
        }
        var states: [Executor.StateValue] = []
        for state in trainer.executor.states() {
            let values = try required(
                Self.statePrefix + state.name, count: state.values.count, path: path)
            states.append(.init(name: state.name, features: state.features, values: values))
        }
        do {
            try trainer.executor.setStates(states)
        } catch {
            throw FormatError(.wrongArchitecture, error.message, path: path)
        }
        trainer.resume(at: facts.progress.position)
    }

    private subscript(_ name: String) -> TensorEntry? { tensors.first { $0.name == name } }

    private func required(_ name: String, count: Int, path: String) throws(FormatError) -> [Float] {
        guard let tensor = self[name], tensor.count == count else {
            throw FormatError(
                .wrongArchitecture, "the checkpoint's '\(name)' is absent or has another size",
                path: path)
        }
        return try tensor.floats()
    }
}
