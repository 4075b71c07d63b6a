public import StrataGraph

/// Collects the layers of a ``Network`` from Swift code, with `if`, `for` and `switch`.
@resultBuilder
public enum NetworkBuilder {
    /// Layers of which some still lack a name.
    public struct Part: Sendable {
        struct Entry: Sendable {
            var name: String?
            var from: [String]?
            var layer: any Layer
        }

        var entries: [Entry]

        fileprivate init(_ entries: [Entry]) { self.entries = entries }
    }

    /// One layer that is named by its type and place.
    public static func buildExpression(_ layer: any Layer) -> Part {
        Part([.init(name: nil, from: nil, layer: layer)])
    }

    /// Layers that are named by their types and places.
    public static func buildExpression(_ layers: [any Layer]) -> Part {
        Part(layers.map { .init(name: nil, from: nil, layer: $0) })
    }

    /// One named layer.
    public static func buildExpression(_ layer: LayerSpec) -> Part { buildExpression([layer]) }

    /// Named layers.
    public static func buildExpression(_ layers: [LayerSpec]) -> Part {
        Part(layers.map { .init(name: $0.name, from: $0.from, layer: $0.layer) })
    }

    /// Layers one after the other.
    public static func buildBlock(_ parts: Part...) -> Part { buildArray(parts) }

    /// The layers of all turns of a loop.
    public static func buildArray(_ parts: [Part]) -> Part { Part(parts.flatMap(\.entries)) }

    /// The layers of an `if`, if its condition holds.
    public static func buildOptional(_ part: Part?) -> Part { part ?? Part([]) }

    /// The layers of the first branch.
    public static func buildEither(first part: Part) -> Part { part }

    /// The layers of the second branch.
    public static func buildEither(second part: Part) -> Part { part }

    /// The layers of an `if #available`.
    public static func buildLimitedAvailability(_ part: Part) -> Part { part }

    /// Names the layers that have no name.
    public static func buildFinalResult(_ part: Part) -> NetworkSpec {
        var taken = Set(part.entries.compactMap(\.name))
        let layers = part.entries.enumerated().map { index, entry in
            let name =
                entry.name
                ?? unused("\(Swift.type(of: entry.layer).type)\(index + 1)", &taken)
            return LayerSpec(name, entry.layer, from: entry.from)
        }
        return NetworkSpec(layers: layers)
    }

    /// The name, with a number behind it where another layer was given it.
    private static func unused(_ name: String, _ taken: inout Set<String>) -> String {
        var candidate = name
        var number = 2
        while !taken.insert(candidate).inserted {
            candidate = "\(name)_\(number)"
            number += 1
        }
        return candidate
    }
}

extension Layer {
    /// The layer under a name, and reading from others than the layer before it.
    ///
    /// - Parameters:
    ///   - name: letters, digits, `_` and `-`; unique in the network.
    ///   - sources: names of layers, or `input` for the data; none: the layer before. Several
    ///     are concatenated.
    public func named(_ name: String, from sources: String...) -> LayerSpec {
        LayerSpec(name, self, from: sources.isEmpty ? nil : sources)
    }

    /// The layer under a name, reading from a list of layers or inputs.
    public func named(_ name: String, from sources: [String]) -> LayerSpec {
        LayerSpec(name, self, from: sources)
    }
}
