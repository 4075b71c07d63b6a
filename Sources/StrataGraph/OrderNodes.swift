/// Third pass: puts every node after those that it reads, otherwise in the order of the file.
enum OrderNodes {
    static func run(_ graph: Graph) -> Graph {
        let readers = graph.readers
        /// How many of its inputs a node still waits for.
        var missing = [Int](repeating: 0, count: graph.nodes.count)
        for reader in readers.joined() { missing[reader] += 1 }
        /// The nodes that could be next, the first of the file last.
        var ready = Array(graph.nodes.indices.filter { missing[$0] == 0 }.reversed())
        var order: [Int] = []
        while let index = ready.popLast() {
            order.append(index)
            for reader in readers[index] {
                missing[reader] -= 1
                guard missing[reader] == 0 else { continue }
                let place = ready.lastIndex { $0 > reader }.map { $0 + 1 } ?? 0
                ready.insert(reader, at: place)
            }
        }
        precondition(order.count == graph.nodes.count, "a cycle passed the structure check")
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
