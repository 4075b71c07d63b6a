package import StrataFormats
import StrataGraph
package import StrataRuntime
import StrataSchema

extension Snapshot {
    private static let momentNames = ["optimizer.m.", "optimizer.v."]

    /// The tensors of a model, with moments and states if a trainer is given.
    package static func tensors(of parameters: ParameterStore, trainer: Trainer?)
        throws(FormatError) -> [TensorEntry]
    {
        var tensors: [TensorEntry] = []
        for entry in parameters.entries {
            tensors.append(
                try TensorEntry(
                    name: entry.name, shape: entry.spec.shape, floats: parameters.read(entry)))
        }
        guard let trainer else { return tensors }
        let moments = [trainer.update.firstMoment, trainer.update.secondMoment]
        for (name, moment) in zip(momentNames, moments) {
            guard let moment else { continue }
            for entry in parameters.entries {
                tensors.append(
                    try TensorEntry(
                        name: name + entry.name, shape: entry.spec.shape,
                        floats: Array(moment.buffer(entry.range))))
            }
        }
        for state in trainer.executor.states() {
            tensors.append(
                try TensorEntry(
                    name: "state." + state.name,
                    shape: [state.values.count / state.features, state.features],
                    floats: state.values))
        }
        return tensors
    }

    /// Puts the parameters back.
    ///
    /// - Throws: `FormatError` of kind `.wrongArchitecture` that lists what differs, layer by layer.
    package func restore(_ parameters: ParameterStore, path: String) throws(FormatError) {
        try check(parameters, path: path)
        for entry in parameters.entries {
            guard let tensor = self[entry.name] else { continue }
            let values = try tensor.floats()
            guard values.allSatisfy(\.isFinite) else {
                throw FormatError(
                    .notFinite, "the parameter '\(entry.name)' holds values that are not finite",
                    path: path, hint: "use an earlier checkpoint")
            }
            parameters.write(entry, values)
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
            let values = try required("state." + state.name, count: state.values.count, path: path)
            states.append(.init(name: state.name, features: state.features, values: values))
        }
        do {
            try trainer.executor.setStates(states)
        } catch {
            throw FormatError(.wrongArchitecture, error.message, path: path)
        }
        trainer.resume(at: progress.position)
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

    private func check(_ parameters: ParameterStore, path: String) throws(FormatError) {
        // A layer may be named 'optimizer' or 'state' itself.
        let wanted = Set(parameters.entries.map(\.name))
        let own = tensors.filter { tensor in
            wanted.contains(tensor.name)
                || !["optimizer.", "state."].contains { tensor.name.hasPrefix($0) }
        }
        do {
            try Safetensors(tensors: own).check(
                parameters.entries.map { .init($0.name, $0.spec.shape) })
        } catch {
            throw FormatError(
                error.kind, "the checkpoint \(error.message)", path: path, hint: error.hint)
        }
    }
}
