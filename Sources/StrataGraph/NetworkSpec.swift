public import StrataSchema

/// One named layer of a network: its kind, its settings and where its input comes from.
public struct LayerSpec: Sendable {
    /// The name, unique within the network.
    public var name: String
    /// Names of inputs or layers; nil: the layer before, or the data for the first.
    public var from: [String]?
    /// The kind with its settings.
    public var layer: any Layer
    /// Where the name stands in the file.
    package var location: SourceLocation?
    /// Where the names in `from` stand.
    package var fromLocations: [SourceLocation?] = []

    /// Creates a named layer.
    public init(_ name: String, _ layer: any Layer, from: [String]? = nil) {
        self.name = name
        self.layer = layer
        self.from = from
    }
}

extension LayerSpec: Equatable {
    /// Equal names, wiring and settings; places in files do not count.
    public static func == (a: LayerSpec, b: LayerSpec) -> Bool {
        a.name == b.name && a.from == b.from && a.layer.config == b.layer.config
    }
}

/// The named layers of a network in the order of their default wiring.
public struct NetworkSpec: Sendable, Equatable {
    /// The layers.
    public var layers: [LayerSpec]

    /// Creates a network.
    public init(layers: [LayerSpec]) { self.layers = layers }

    /// The value to write back: `layers`, each with all its settings.
    public var config: ConfigValue {
        .map([
            .init(
                "layers",
                .map(
                    layers.map { spec in
                        var pairs = spec.layer.config.pairs ?? []
                        if let from = spec.from { pairs.insert(.init("from", from.config), at: 1) }
                        return .init(spec.name, .map(pairs))
                    }))
        ])
    }
}

extension NetworkSpec {
    /// Reads `{defaults: {...}, layers: {name: {type: ...}}}`, noting everything that is wrong.
    package static func decode(
        _ node: ConfigNode, _ context: inout DecodingContext, catalog: Catalog<any Layer>
    ) -> NetworkSpec? {
        guard let entries = node.entries else {
            context.reportMismatch(node, expected: "a mapping with 'layers'")
            return nil
        }
        for entry in entries where !["defaults", "layers"].contains(entry.key) {
            context.report(
                .unknownKey, "'network' has no setting '\(entry.key.cut(to: 60))'",
                at: entry.keyLocation,
                hint: Suggestion.hint(for: entry.key, among: ["defaults", "layers"]))
        }
        guard let layersNode = node["layers"], let layers = layersNode.entries, !layers.isEmpty
        else {
            context.report(
                .missingKey, "'network' needs at least one layer under 'layers'",
                at: node["layers"]?.location ?? node.location,
                hint: "for example  lstm1: {type: lstm, units: 128}")
            _ = decodeDefaults(node["defaults"], &context, catalog: catalog, layers: [])
            return nil
        }
        if let problem = countProblem(layers.count) {
            context.report(.limit, problem, at: layersNode.location)
            return nil
        }
        let defaults = decodeDefaults(
            node["defaults"], &context, catalog: catalog, layers: layers.map(\.value))
        let specs = context.descend(into: "layers") { context in
            layers.map { decodeLayer($0, &context, catalog: catalog, defaults: defaults) }
        }
        guard specs.allSatisfy({ $0 != nil }) else { return nil }
        return NetworkSpec(layers: specs.compactMap { $0 })
    }

    /// Reads each default once, as a kind of layer does that has the setting, and gives the good ones.
    private static func decodeDefaults(
        _ node: ConfigNode?, _ context: inout DecodingContext, catalog: Catalog<any Layer>,
        layers: [ConfigNode]
    ) -> [ConfigNode.Entry] {
        guard let node, !node.isNull else { return [] }
        guard let entries = node.entries else {
            context.reportMismatch(node, expected: "a mapping of settings for all layers")
            return []
        }
        // The same setting may take more in a kind that no layer of this network has.
        let used = Set(layers.compactMap { kind(of: $0, catalog)?.type })
        let kinds =
            catalog.kinds.filter { used.contains($0.type) }
            + catalog.kinds.filter { !used.contains($0.type) }
        let known = Set(kinds.flatMap { $0.fields.map(\.key) })
        return context.descend(into: "defaults") { context in
            entries.filter { entry in
                let having = kinds.filter { $0.fields.contains { $0.key == entry.key } }
                guard let kind = having.first(where: { takes(entry.key, $0) }) ?? having.first
                else {
                    reportUnknown(default: entry, known: known, &context)
                    return false
                }
                let before = context.mistakes
                kind.check(entry, &context)
                return context.mistakes == before
            }
        }
    }

    private static func reportUnknown(
        default entry: ConfigNode.Entry, known: Set<String>, _ context: inout DecodingContext
    ) {
        let isOfEachLayer = ["type", "from"].contains(entry.key)
        context.report(
            .unknownKey,
            isOfEachLayer
                ? "'\(entry.key)' has no default: each layer says its own"
                : "no layer has the setting '\(entry.key.cut(to: 60))'",
            at: entry.keyLocation,
            hint: isOfEachLayer ? nil : Suggestion.hint(for: entry.key, among: known.sorted()))
    }

    private static func decodeLayer(
        _ entry: ConfigNode.Entry, _ context: inout DecodingContext, catalog: Catalog<any Layer>,
        defaults: [ConfigNode.Entry]
    ) -> LayerSpec? {
        if let problem = nameProblem(entry.key) {
            context.report(.outOfRange, problem, at: entry.keyLocation)
            return nil
        }
        return context.descend(into: entry.key) { context in
            guard
                let layer = catalog.decode(
                    entry.value, &context, ignoring: ["from"], subject: "layer '\(entry.key)'",
                    defaults: applicable(defaults, to: entry.value, catalog: catalog))
            else { return nil }
            var spec = LayerSpec(entry.key, layer)
            spec.location = entry.keyLocation
            if let from = entry.value["from"], !from.isNull {
                spec.from = context.descend(into: "from") { [String].decode(from, &$0) }
                spec.fromLocations = (from.elements ?? [from]).map(\.location)
                if spec.from == nil { return nil }
            }
            return spec
        }
    }

    /// The defaults that suit a layer: what hidden layers share says nothing of an output's width
    /// and activation, which follow from the data and the loss.
    private static func applicable(
        _ defaults: [ConfigNode.Entry], to node: ConfigNode, catalog: Catalog<any Layer>
    ) -> [ConfigNode.Entry] {
        guard let kind = kind(of: node, catalog) else { return defaults }
        return defaults.filter { takes($0.key, kind) }
    }

    private static func takes(_ key: String, _ kind: Catalog<any Layer>.Kind) -> Bool {
        !(kind.defaults is any LossLayer) || !["units", "activation"].contains(key)
    }

    private static func kind(
        of node: ConfigNode, _ catalog: Catalog<any Layer>
    ) -> Catalog<any Layer>.Kind? {
        (node.text ?? node["type"]?.text).flatMap { catalog.kind(named: $0) }
    }

    /// The mistakes of layers whose name another layer before them has, or an input.
    package func repeatedNames(besides inputs: [String] = []) -> [Diagnostic] {
        var names = Set(inputs)
        return layers.filter { !names.insert($0.name).inserted }.map { spec in
            Diagnostic(
                .duplicateKey, path: ["network", "layers", spec.name],
                "the name '\(spec.name)' is taken", at: spec.location)
        }
    }

    /// More layers than a file can mean: some of the work for a network grows with their square.
    private static let layerLimit = 2000

    /// Why a network cannot have so many layers, or nil.
    static func countProblem(_ count: Int) -> String? {
        guard count > layerLimit else { return nil }
        return "the network has \(count) layers; at most \(layerLimit) can be"
    }

    /// Why a text cannot name a layer, or nil.
    ///
    /// Names become parts of parameter names and paths.
    package static func nameProblem(_ name: String) -> String? {
        if name.isEmpty { return "a layer needs a name that is not empty" }
        if name.utf8.count > 100 { return "a layer's name has at most 100 bytes" }
        if name == GraphInput.defaultName {
            return "'\(name)' names the data; choose another name for the layer"
        }
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil
                || "_-".unicodeScalars.contains($0)
        }
        return isPlain
            ? nil
            : "the layer name '\(name.cut(to: 40))' may hold only letters, digits, '_' and '-'"
    }
}
