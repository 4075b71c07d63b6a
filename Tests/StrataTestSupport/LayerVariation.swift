package import StrataGraph
import StrataLayers
package import StrataSchema

/// One layer of a kind of the catalog with certain settings.
package struct LayerVariation: Sendable, CustomStringConvertible {
    package var kind: String
    /// The settings as they would stand in a file.
    package var config: ConfigValue
    package var layer: any Layer
    /// Whether at most one setting differs from the first variation.
    package var isSimple: Bool

    package var description: String { config.json() }

    /// Which settings are varied.
    package enum Scope: Sendable {
        /// All that have choices.
        case all
        /// Those that change what the layer computes, not how its parameters start.
        case mathematics
    }

    /// The kind with every choice of every setting, and with every two of them together, as far as
    /// the layer accepts them.
    ///
    /// - Parameter size: the value of all settings that are whole numbers.
    package static func variations(
        of kind: Catalog<any Layer>.Kind, size: Int, scope: Scope = .mathematics
    ) -> [LayerVariation] {
        let wholeNumbers = kind.fields.filter { $0.typeName == Int.typeName }
        let base = wholeNumbers.map { ConfigValue.Pair($0.key, .int(size)) }
        let choices = kind.fields.map { field in
            Self.choices(of: field, scope: scope).map { ConfigValue.Pair(field.key, $0) }
        }
        var settings: [([ConfigValue.Pair], isSimple: Bool)] = [(base, true)]
        for (index, first) in choices.enumerated() {
            settings += first.map { (base + [$0], true) }
            for second in choices[(index + 1)...] {
                for a in first { settings += second.map { (base + [a, $0], false) } }
            }
        }
        var seen: Set<ConfigValue> = []
        return settings.compactMap { pairs, isSimple in
            let config = ConfigValue.map([.init("type", .string(kind.type))] + pairs)
            var context = DecodingContext()
            guard let layer = LayerCatalog.standard.decode(config.node, &context),
                seen.insert(layer.config).inserted
            else { return nil }
            return LayerVariation(
                kind: kind.type, config: config, layer: layer, isSimple: isSimple)
        }
    }

    private static func choices(of field: FieldDescription, scope: Scope) -> [ConfigValue] {
        // An optional value's schema is that of the value, or null.
        var schema = field.jsonSchema
        if case .list(let shapes) = schema["anyOf"], let first = shapes.first { schema = first }
        if case .list(let names) = schema["enum"] {
            let isStart = schema == Initializer.jsonSchema
            return isStart && scope == .mathematics ? [] : names
        }
        switch schema["type"] {
        case "boolean": return [true, false]
        case "number": return [0.25]
        default: return []
        }
    }
}
