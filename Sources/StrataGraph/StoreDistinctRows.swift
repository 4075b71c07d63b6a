import StrataSchema

/// Decides for windows of one size where only the distinct rows of an output are stored.
///
/// An embedding of V classes gives T·B rows of which at most V differ. Where the layers that read it
/// can look rows up after their product instead of before, it and they work on V rows.
enum StoreDistinctRows {
    /// How many times there must be more rows than distinct ones: the look-up takes time, too.
    private static let leastSaving = 2

    static func run(_ graph: Graph, steps: Int, batch: Int) throws(ConfigurationError) -> Graph {
        var graph = graph
        for index in graph.nodes.indices where graph.nodes[index].plan.distinctRows != nil {
            let rows = distinctRows(of: index, graph, steps: steps, batch: batch)
            guard graph.nodes[index].plan.output.distinctRows != rows else { continue }
            graph.nodes[index].plan.output.distinctRows = rows
            for reader in Set(graph.consumers(of: .node(index)).map(\.node)) {
                try InferShapes.run(&graph, node: reader)
            }
        }
        return graph
    }

    /// The rows to store; nil: all.
    private static func distinctRows(
        of index: Int, _ graph: Graph, steps: Int, batch: Int
    ) -> Int? {
        let plan = graph.nodes[index].plan
        guard let distinct = plan.distinctRows,
            distinct <= plan.output.rows(steps: steps, batch: batch) / leastSaving,
            !graph.outputs.contains(index),
            graph.consumers(of: .node(index)).allSatisfy({
                graph.nodes[$0.node].layer.readsDistinctRows
            })
        else { return nil }
        return distinct
    }
}
