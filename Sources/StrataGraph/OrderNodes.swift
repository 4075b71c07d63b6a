/// Third pass: puts every node after those that it reads, otherwise in the order of the file.
enum OrderNodes {
    static func run(_ graph: Graph) -> Graph {
        var order: [Int] = []
        var placed = Set<Int>()
        var waiting = Array(graph.nodes.indices)
        while !waiting.isEmpty {
            let ready = waiting.first { index in
                graph.nodes[index].inputs.allSatisfy { value in
                    if case .node(let source) = value { placed.contains(source) } else { true }
                }
            }
            guard let ready else { preconditionFailure("a cycle passed the structure check") }
            order.append(ready)
            placed.insert(ready)
            waiting.removeAll { $0 == ready }
        }
        return renumbered(graph, order: order)
    }

    /// The graph with the nodes of `order`, edges renumbered.
    static func renumbered(_ graph: Graph, order: [Int]) -> Graph {
        var place: [Int: Int] = [:]
        for (new, old) in order.enumerated() { place[old] = new }
        var result = graph
        result.nodes = order.map { old in
            var node = graph.nodes[old]
            node.inputs = node.inputs.map { value in
                guard case .node(let source) = value, let new = place[source] else { return value }
                return .node(new)
            }
            return node
        }
        let read = Set(result.nodes.flatMap(\.inputs))
        result.outputs = result.nodes.indices.filter { !read.contains(.node($0)) }
        return result
    }
}
