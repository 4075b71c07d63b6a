import StrataSchema

/// Fifth pass: asks each layer for its plan, in order, and checks that the whole stays possible.
enum InferShapes {
    /// More numbers than this in one parameter cannot be meant: 4 TiB.
    private static let parameterLimit = 1 << 40
    /// More values than this in one row cannot be meant; below it no product of sizes overflows.
    private static let featureLimit = 1 << 32

    static func run(_ graph: inout Graph) throws(ConfigurationError) {
        for index in graph.nodes.indices { try run(&graph, node: index) }
    }

    /// Asks one layer for its plan, with the inputs that it has now.
    static func run(_ graph: inout Graph, node index: Int) throws(ConfigurationError) {
        let node = graph.nodes[index]
        let inputs = node.inputs.map { graph.spec(of: $0) }
        do {
            graph.nodes[index].plan = try node.layer.plan(inputs: inputs)
        } catch {
            throw ConfigurationError([placed(error, node, inputs, graph)])
        }
        let features = graph.nodes[index].plan.output.features
        if features > featureLimit {
            let message = "gives \(features) values per row, which is more than can be meant"
            throw ConfigurationError([placed(Diagnostic(.limit, message), node, inputs, graph)])
        }
        for parameter in graph.nodes[index].plan.parameters
        where parameter.count > parameterLimit {
            throw ConfigurationError([
                placed(
                    Diagnostic(
                        .limit,
                        "needs \(parameter.count) numbers for its parameter '\(parameter.name)'",
                        hint: inputs.contains { $0.values == .tokens }
                            ? "lower its units or the data's vocabulary_size"
                            : "lower its units or those of the layer before"),
                    node, inputs, graph)
            ])
        }
    }

    /// Adds the layer's name and place, and the shapes and names of its inputs.
    private static func placed(
        _ error: Diagnostic, _ node: GraphNode, _ inputs: [TensorSpec], _ graph: Graph
    ) -> Diagnostic {
        var error = error
        let sources = zip(node.inputs, inputs).map { value, spec in
            let names = graph.names(of: value).map { "'\($0)'" }
            return names.listed(" and ") + (names.count > 1 ? " give \(spec)" : " gives \(spec)")
        }
        error.message = "layer '\(node.layerName)' \(error.message); " + sources.listed()
        error.location = error.location ?? node.location
        error.path = ["network", "layers", node.layerName] + error.path
        return error
    }
}
