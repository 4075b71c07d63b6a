package import StrataFormats
package import StrataGraph
package import StrataRuntime

extension Graph {
    /// Checks that tensors of a file are exactly the network's parameters.
    ///
    /// - Throws: `FormatError` of kind `.wrongArchitecture` that lists what differs, layer by layer.
    package func checkParameters(_ tensors: [TensorEntry]) throws(FormatError) {
        try Safetensors(tensors: tensors).check(parameters.map { .init($0.name, $0.spec.shape) })
    }
}

extension ParameterStore {
    /// Takes all values from tensors that are these parameters.
    ///
    /// - Throws: `FormatError` of kind `.notFinite` that names the parameter, `.unsupported` for tensors
    ///   that hold no floats.
    package func restore(_ tensors: [TensorEntry]) throws(FormatError) {
        let byName = Dictionary(
            tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in entries {
            guard let tensor = byName[entry.name] else { continue }
            let target = values.buffer(entry.range)
            try tensor.copyFloats(to: target)
            guard target.allSatisfy(\.isFinite) else {
                throw FormatError(
                    .notFinite, "the parameter '\(entry.name)' holds values that are not finite",
                    hint: "use an earlier file")
            }
        }
        markChanged()
    }
}
