import Foundation
import StrataGraph
import StrataLayers
import StrataSchema

/// A network with its data and what PyTorch computed for it, from a file in `Tests/Goldens`.
package struct Golden: Sendable, CustomStringConvertible {
    package var test: NetworkCase
    /// The activated output, the loss, the final states and all gradients.
    package var expected: CaseResult

    package var description: String { test.name }

    /// The cases of a file.
    package static func load(_ file: String) throws -> [Golden] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Goldens")
        let data = try Data(contentsOf: folder.appending(path: file))
        return try JSONDecoder().decode(GoldenFile.self, from: data).cases.map { try $0.golden() }
    }
}

/// A file as `make_torch_goldens.py` writes it.
private struct GoldenFile: Decodable {
    struct Layer: Decodable {
        var name: String
        var settings: [String: String]
    }

    struct Input: Decodable {
        var features: Int
        var sequence: Bool
        var values: [Float]?
        var tokens: [Int]?
    }

    struct Target: Decodable {
        var classes: [Int]?
        var values: [Float]?
    }

    struct Case: Decodable {
        var name: String
        var steps: Int
        var batch: Int
        var layers: [Layer]
        var input: Input
        var target: Target
        var mask: [Float]?
        var parameters: [String: [Float]]
        var states: [String: [Float]]
        var output: [Double]
        var loss: Double
        var gradients: [String: [Double]]
        var finalStates: [String: [Double]]
    }

    var cases: [Case]
}

extension GoldenFile.Case {
    /// What a golden file lacks.
    private struct Absent: Error {
        var name: String
    }

    func golden() throws -> Golden {
        let graph = try graph()
        let test = NetworkCase(
            name: name, graph: graph, steps: steps, batch: batch,
            parameters: try graph.parameters.map { try find($0.name, in: parameters) },
            inputs: [input.tokens.map { .tokens($0) } ?? .values(input.values ?? [])],
            targets: Dictionary(
                uniqueKeysWithValues: graph.outputs.map {
                    ($0, target.classes.map { .classes($0) } ?? .values(target.values ?? []))
                }), mask: mask, states: states.isEmpty ? nil : try initialStates(graph))
        let expected = CaseResult(
            outputs: graph.outputs.map {
                .init(name: "output of \(graph.nodes[$0].name)", values: output)
            },
            states: finalStates.isEmpty
                ? []
                : try stateNames(graph).flatMap { names in
                    try names.map { .init(name: $0, values: try find($0, in: finalStates)) }
                }, loss: loss,
            gradients: try graph.parameters.map {
                .init(name: "gradient of \($0.name)", values: try find($0.name, in: gradients))
            })
        return Golden(test: test, expected: expected)
    }

    private func graph() throws -> Graph {
        let layers = ConfigValue.map(
            layers.map { layer in
                let settings = layer.settings.sorted { $0.key < $1.key }
                return .init(layer.name, .map(settings.map { .init($0.key, number($0.value)) }))
            })
        var context = DecodingContext()
        let spec = NetworkSpec.decode(
            ConfigValue.map([.init("layers", layers)]).node, &context,
            catalog: LayerCatalog.standard)
        try context.throwIfAny(texts: SourceTexts())
        let shape = TensorSpec(
            features: input.features, isSequence: input.sequence,
            values: input.tokens == nil ? .real : .tokens)
        return try GraphCompiler.compile(
            spec ?? NetworkSpec(layers: []), inputs: [GraphInput("input", shape)])
    }

    private func number(_ text: String) -> ConfigValue {
        Int(text).map { .int($0) } ?? .string(text)
    }

    private func stateNames(_ graph: Graph) -> [[String]] {
        graph.nodes.map { node in node.plan.states.map { "\(node.name).\($0.name)" } }
    }

    private func initialStates(_ graph: Graph) throws -> [[[Float]]] {
        try stateNames(graph).map { try $0.map { try find($0, in: states) } }
    }

    private func find<Value>(_ name: String, in values: [String: Value]) throws -> Value {
        guard let value = values[name] else { throw Absent(name: name) }
        return value
    }
}
