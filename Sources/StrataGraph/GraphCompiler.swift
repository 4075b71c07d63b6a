public import StrataSchema

/// Compiles a network of named layers into a graph, pass by pass.
public enum GraphCompiler {
    /// Runs all passes: names, structure, order, widths, shapes, fusion.
    ///
    /// - Parameter fuses: whether neighbouring layers may become one; results are the same.
    /// - Throws: `ConfigurationError` with the mistakes that the first failing pass found: all of
    ///   names and structure, the first of shapes.
    public static func compile(
        _ network: NetworkSpec, inputs: [GraphInput], target: TargetSpec? = nil,
        fuses: Bool = true, texts: SourceTexts = SourceTexts()
    ) throws(ConfigurationError) -> Graph {
        do {
            var graph = try ResolveNames.run(network, inputs: inputs)
            try CheckStructure.run(graph)
            graph = OrderNodes.run(graph)
            graph = SizeOutputs.run(graph, target: target)
            try InferShapes.run(&graph)
            try SizeOutputs.check(graph, target: target)
            if fuses {
                graph = FuseLayers.run(graph)
                try InferShapes.run(&graph)
            }
            graph.target = target
            return graph
        } catch {
            throw error.showing(texts)
        }
    }
}
