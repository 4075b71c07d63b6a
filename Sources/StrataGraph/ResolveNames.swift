import StrataSchema

/// First pass: turns names into edges, and puts a concatenation before layers with several inputs.
enum ResolveNames {
    static func run(_ network: NetworkSpec, inputs: [GraphInput]) throws(ConfigurationError)
        -> Graph
    {
        guard !network.layers.isEmpty, !inputs.isEmpty else {
            let missing = network.layers.isEmpty ? "layers" : "inputs"
            throw ConfigurationError([
                Diagnostic(.graph, path: ["network"], "the network has no \(missing)")
            ])
        }
        try checkSize(network)
        var diagnostics = DiagnosticList()
        var values: [String: ValueID] = [:]
        for (index, input) in inputs.enumerated() { values[input.name] = .input(index) }
        let concatenations = network.layers.map { needsConcatenation($0) }
        var next = 0
        for (spec, concatenates) in zip(network.layers, concatenations) {
            let index = next + (concatenates ? 1 : 0)
            values[spec.name] = .node(index)
            next = index + 1
        }
        for mistake in network.repeatedNames(besides: inputs.map(\.name)) {
            diagnostics.append(mistake)
        }

        let names = inputs.map(\.name) + network.layers.map(\.name)
        var nodes: [GraphNode] = []
        var previous: ValueID = .input(0)
        let empty = LayerPlan(output: TensorSpec(features: 0))
        for (spec, concatenates) in zip(network.layers, concatenations) {
            var edges = resolve(spec, previous: previous, values, names, &diagnostics)
            if concatenates {
                var join = GraphNode(
                    name: spec.name + "_inputs", layer: Concatenate(), inputs: edges, plan: empty)
                join.location = spec.location
                join.joinsFor = spec.name
                nodes.append(join)
                edges = [.node(nodes.count - 1)]
            }
            nodes.append(
                GraphNode(
                    name: spec.name, layer: spec.layer, inputs: edges, plan: empty,
                    location: spec.location))
            previous = .node(nodes.count - 1)
        }
        try diagnostics.throwIfAny()
        return Graph(inputs: inputs, nodes: nodes, outputs: [])
    }

    /// The most values that layers may read in all; planning takes time for pairs of them.
    private static let readLimit = 10_000

    private static func checkSize(_ network: NetworkSpec) throws(ConfigurationError) {
        let path = ["network", "layers"]
        if let problem = NetworkSpec.countProblem(network.layers.count) {
            throw ConfigurationError([Diagnostic(.limit, path: path, problem)])
        }
        let reads = network.layers.reduce(0) { $0 + ($1.from?.count ?? 1) }
        guard reads > readLimit else { return }
        throw ConfigurationError([
            Diagnostic(
                .limit, path: path,
                "the layers name \(reads) layers to read from; at most \(readLimit) can be")
        ])
    }

    private static func needsConcatenation(_ spec: LayerSpec) -> Bool {
        (spec.from?.count ?? 1) > spec.layer.inputLimit
    }

    private static func path(_ layer: String) -> [String] { ["network", "layers", layer] }

    private static func resolve(
        _ spec: LayerSpec, previous: ValueID, _ values: [String: ValueID], _ names: [String],
        _ diagnostics: inout DiagnosticList
    ) -> [ValueID] {
        guard let from = spec.from else { return [previous] }
        if from.isEmpty {
            diagnostics.append(
                Diagnostic(
                    .missingKey, path: path(spec.name) + ["from"],
                    "layer '\(spec.name)' reads nothing: 'from' is empty", at: spec.location))
        }
        return from.enumerated().compactMap { index, name in
            if let value = values[name] { return value }
            let location =
                spec.fromLocations.indices.contains(index)
                ? spec.fromLocations[index] : spec.location
            diagnostics.append(
                Diagnostic(
                    .unknownName, path: path(spec.name) + ["from"],
                    "layer '\(spec.name)' reads from '\(name.cut(to: 60))', which is neither a layer "
                        + "nor an input",
                    at: location, hint: Suggestion.hint(for: name, among: names)))
            return nil
        }
    }
}
