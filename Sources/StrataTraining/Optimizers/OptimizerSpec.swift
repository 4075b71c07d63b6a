public import StrataSchema

/// The value of the key `optimizer`.
public struct OptimizerSpec: ConfigRepresentable {
    /// The optimizer with its settings.
    public var optimizer: any Optimizer

    /// Wraps an optimizer.
    public init(_ optimizer: any Optimizer) { self.optimizer = optimizer }

    public static var typeName: String { "optimizer" }
    public static var jsonSchema: ConfigValue { OptimizerCatalog.standard.jsonSchema() }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self? {
        OptimizerCatalog.standard.decode(node, &context).map { OptimizerSpec($0) }
    }
    public var config: ConfigValue { optimizer.config }
    /// Whether kind and settings are equal.
    public static func == (a: Self, b: Self) -> Bool { a.config == b.config }
}
