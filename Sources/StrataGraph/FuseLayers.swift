/// Fifth pass: merges a layer into the one before it where that one offers to do its work.
enum FuseLayers {
    static func run(_ graph: Graph) -> Graph {
        var graph = graph
        var index = 0
        while index < graph.nodes.count {
            let consumers = graph.consumers(of: .node(index))
            guard consumers.count == 1, let next = consumers.first?.node,
                graph.nodes[next].inputs == [.node(index)],
                // The ends of a network keep their names: results are asked for by them.
                !graph.outputs.contains(next),
                let fused = graph.nodes[index].layer.fused(
                    with: graph.nodes[next].layer, named: graph.nodes[next].name)
            else {
                index += 1
                continue
            }
            graph.nodes[index].layer = fused
            graph.nodes[index].fused.append(graph.nodes[next].name)
            graph = bypass(graph, node: next, with: index)
        }
        return graph
    }

    private static func bypass(_ graph: Graph, node removed: Int, with source: Int) -> Graph {
        var graph = graph
        for index in graph.nodes.indices {
            graph.nodes[index].inputs = graph.nodes[index].inputs.map {
                $0 == .node(removed) ? .node(source) : $0
            }
        }
        graph.nodes[removed].inputs = []
        return OrderNodes.renumbered(graph, order: graph.nodes.indices.filter { $0 != removed })
    }
}
