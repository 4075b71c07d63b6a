/// Sixth pass: merges a layer into the one before it where that one offers to do its work.
enum FuseLayers {
    static func run(_ graph: Graph) -> Graph {
        var graph = graph
        var readers = graph.readers
        // The ends of a network keep their names: results are asked for by them.
        let outputs = Set(graph.outputs)
        var removed = Set<Int>()
        for index in graph.nodes.indices where !removed.contains(index) {
            while readers[index].count == 1, let next = readers[index].first,
                graph.nodes[next].inputs == [.node(index)], !outputs.contains(next),
                let fused = graph.nodes[index].layer.fused(
                    with: graph.nodes[next].layer, named: graph.nodes[next].name)
            {
                graph.nodes[index].layer = fused
                graph.nodes[index].fused.append(graph.nodes[next].name)
                readers[index] = readers[next]
                removed.insert(next)
                for reader in Set(readers[next]) {
                    graph.nodes[reader].inputs = graph.nodes[reader].inputs.map {
                        $0 == .node(next) ? .node(index) : $0
                    }
                }
            }
        }
        return OrderNodes.renumbered(
            graph, order: graph.nodes.indices.filter { !removed.contains($0) })
    }
}
