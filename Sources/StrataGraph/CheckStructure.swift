import StrataSchema

/// Second pass: finds cycles, losses in the middle, and layers whose work nobody uses.
enum CheckStructure {
    static func run(_ graph: Graph) throws(ConfigurationError) {
        var diagnostics = DiagnosticList()
        let read = Set(graph.nodes.flatMap(\.inputs))
        if let cycle = cycle(in: graph) {
            let names = cycle.map { graph.nodes[$0] }.filter { $0.joinsFor == nil }.map(\.name)
            diagnostics.append(
                diagnostic(
                    graph.nodes[cycle[0]],
                    "the layers read from each other in a circle: "
                        + (names + names.prefix(1)).listed(" <- "),
                    hint: "a layer can read only from layers that do not depend on it"))
        }
        for (index, node) in graph.nodes.enumerated()
        where node.lossLayer != nil && read.contains(.node(index)) {
            diagnostics.append(
                diagnostic(
                    node, "layer '\(node.name)' has a loss and cannot be read by another layer",
                    hint: "use a dense layer here; an output layer ends the network"))
        }
        let hasLoss = graph.nodes.contains { $0.lossLayer != nil }
        for (index, node) in graph.nodes.enumerated()
        where hasLoss && node.lossLayer == nil && !read.contains(.node(index)) {
            diagnostics.append(
                diagnostic(
                    node, "layer '\(node.name)' is never used: no layer reads its output",
                    hint: "remove it, or name it in another layer's 'from'"))
        }
        try diagnostics.throwIfAny()
    }

    private static func diagnostic(_ node: GraphNode, _ message: String, hint: String)
        -> Diagnostic
    {
        Diagnostic(
            .graph, path: ["network", "layers", node.layerName], message, at: node.location,
            hint: hint)
    }

    /// The nodes of one cycle, each reading from the next; found without recursion.
    private static func cycle(in graph: Graph) -> [Int]? {
        var done = Set<Int>()
        for start in graph.nodes.indices where !done.contains(start) {
            var trail: [(node: Int, edge: Int)] = [(start, 0)]
            while let (node, edge) = trail.last {
                guard edge < graph.nodes[node].inputs.count else {
                    done.insert(node)
                    trail.removeLast()
                    continue
                }
                trail[trail.count - 1].edge += 1
                guard case .node(let next) = graph.nodes[node].inputs[edge], !done.contains(next)
                else { continue }
                if let first = trail.firstIndex(where: { $0.node == next }) {
                    return trail[first...].map(\.node)
                }
                trail.append((next, 0))
            }
        }
        return nil
    }
}
