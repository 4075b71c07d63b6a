package import StrataGraph
import StrataLayers
import StrataSchema

/// Networks around one layer, made without knowing its kind: what it accepts is found by trying.
package enum ConformanceCases {
    /// The inputs that are tried.
    private static let shapes = [
        TensorSpec(features: 4), TensorSpec(features: 4, isSequence: false),
        TensorSpec(features: 5, values: .tokens),
        TensorSpec(features: 5, isSequence: false, values: .tokens),
    ]

    /// A graph for every shape of input that the layer accepts.
    ///
    /// The layer stands between a dense layer, so that gradients must pass through it, and a loss.
    package static func graphs(for layer: any Layer) throws -> [Graph] {
        try shapes.compactMap { shape in
            let isReal = shape.values == .real
            let count = layer.inputLimit > 1 && isReal ? 2 : 1
            let planned = try? layer.plan(inputs: .init(repeating: shape, count: count))
            guard planned != nil else { return nil }
            var layers: [LayerSpec] = []
            if isReal {
                layers = (0..<count).map {
                    LayerSpec(
                        "before\($0)", Dense(units: shape.features, activation: .tanh),
                        from: ["input"])
                }
            }
            let sources = layers.isEmpty ? ["input"] : layers.map(\.name)
            layers.append(LayerSpec("layer", layer, from: sources))
            if !(layer is any LossLayer) {
                layers.append(
                    LayerSpec("after", Output(units: 2, activation: .identity, loss: .mse)))
            }
            return try GraphCompiler.compile(
                NetworkSpec(layers: layers), inputs: [GraphInput("input", shape)], fuses: false)
        }
    }

    /// A case for every graph of ``graphs(for:)``, with masks and carried states.
    package static func cases(
        for variation: LayerVariation, steps: Int = 3, batch: Int = 2, seed: UInt64
    ) throws -> [NetworkCase] {
        try graphs(for: variation.layer).enumerated().flatMap { index, graph in
            let usesMask = graph.nodes.contains { $0.plan.output.isSequence } && seed % 2 == 0
            return (variation.layer is any LossLayer ? [true, false] : [true]).map { usesClasses in
                NetworkCase.random(
                    "\(variation) on \(graph.inputs[0].spec)", graph: graph, steps: steps,
                    batch: batch, mask: usesMask ? .holes : .none,
                    carriesStates: seed % 3 > 0, usesClasses: usesClasses,
                    seed: seed &* 31 &+ UInt64(index))
            }
        }
    }
}
