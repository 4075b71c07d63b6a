public import StrataSchema

/// The value of the key `data`: a source of any kind in the catalog.
public struct DataSpec: ConfigRepresentable {
    /// The source with its settings.
    public var source: any DataSource

    /// Wraps a source.
    public init(_ source: any DataSource) { self.source = source }

    /// What messages call the value.
    public static var typeName: String { "data source" }
    /// The JSON Schema of all kinds in the catalog.
    public static var jsonSchema: ConfigValue { DataCatalog.standard.jsonSchema() }

    /// Reads `{type: ..., ...}` with the kind that the catalog has under `type`.
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self? {
        DataCatalog.standard.decode(node, &context).map(Self.init)
    }

    /// The source's settings, `type` first.
    public var config: ConfigValue { source.config }

    /// Whether both describe the same source with the same settings.
    public static func == (a: Self, b: Self) -> Bool { a.config == b.config }
}
