import StrataSchema

/// Gives output layers without a width that of the data, and checks the others against it.
enum SizeOutputs {
    static func run(_ graph: Graph, target: TargetSpec?) -> Graph {
        guard let target else { return graph }
        var graph = graph
        for index in graph.nodes.indices {
            if let loss = graph.nodes[index].lossLayer {
                graph.nodes[index].layer = loss.sized(for: target)
            }
        }
        return graph
    }

    /// Refuses losses that cannot compare their output with the data's targets.
    static func check(_ graph: Graph, target: TargetSpec?) throws(ConfigurationError) {
        guard let target else { return }
        let diagnostics = graph.nodes.compactMap { node -> Diagnostic? in
            guard let wanted = node.lossLayer?.target(output: node.plan.output) else { return nil }
            return problem(node, wanted: wanted, given: target)
        }
        if !diagnostics.isEmpty { throw ConfigurationError(diagnostics) }
    }

    private static func problem(_ node: GraphNode, wanted: TargetSpec, given: TargetSpec)
        -> Diagnostic?
    {
        let path = ["network", "layers", node.name]
        switch (wanted, given) {
        case (.values, .classes(let count)):
            return Diagnostic(
                .shapeMismatch, path: path,
                "layer '\(node.name)' compares numbers, but the data's targets are "
                    + "\(count) classes",
                at: node.location, hint: "use 'loss: cross_entropy' with 'activation: softmax'")
        case (.classes(let width), .classes(let count)), (.values(let width), .values(let count)),
            (.classes(let width), .values(let count)):
            guard width != count else { return nil }
            return Diagnostic(
                .shapeMismatch, path: path,
                "layer '\(node.name)' has \(width) units, but the data's targets need \(count)",
                at: node.location, hint: "leave 'units' out: the width follows from the data")
        }
    }
}
