/// The keys of one kind of mapping, declared once.
public struct Schema<Root: Sendable>: Sendable {
    /// One sentence: what the mapping describes.
    public let summary: String
    /// The keys in the order in which they are written.
    public let fields: [Field<Root>]

    /// Declares a mapping.
    public init(_ summary: String, _ fields: [Field<Root>]) {
        self.summary = summary
        self.fields = fields
    }
}

/// A type that is read from a mapping by its schema.
public protocol Configurable: ConfigRepresentable {
    /// Creates the value that holds every default.
    init()
    /// The keys.
    static var schema: Schema<Self> { get }
    /// Rules among several keys, checked after all of them are read.
    func validate(_ context: inout DecodingContext, at location: SourceLocation?)
}

extension Configurable {
    public static var typeName: String { "mapping" }
    public func validate(_ context: inout DecodingContext, at location: SourceLocation?) {}

    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self? {
        decode(node, &context, ignoring: [], subject: "this mapping", defaults: [])
    }

    /// Reads the mapping, noting unknown and missing keys.
    ///
    /// - Parameters:
    ///   - ignoring: keys that somebody else reads.
    ///   - subject: who has the keys, for messages: "layer 'lstm2'".
    ///   - defaults: entries that apply where the mapping does not set the key; those that this
    ///     schema lacks are passed over.
    package static func decode(
        _ node: ConfigNode, _ context: inout DecodingContext, ignoring: Set<String>,
        subject: String, defaults: [ConfigNode.Entry]
    ) -> Self? {
        guard let entries = node.isNull ? [] : node.entries else {
            context.reportMismatch(node, expected: "a mapping")
            return nil
        }
        let before = context.mistakes
        var root = Self()
        for entry in defaults where !entries.contains(where: { $0.key == entry.key }) {
            guard let field = schema.fields.first(where: { $0.key == entry.key }) else { continue }
            context.descend(into: entry.key) { field.decode(entry.value, &root, &$0) }
        }
        for entry in entries where !ignoring.contains(entry.key) {
            guard let field = schema.fields.first(where: { $0.key == entry.key }) else {
                if entry.isOfOtherType { continue }
                context.report(
                    .unknownKey, "\(subject) has no setting '\(entry.key.cut(to: 60))'",
                    at: entry.keyLocation,
                    hint: Suggestion.hint(
                        for: entry.key, among: schema.fields.map(\.key) + ignoring.sorted()))
                continue
            }
            context.descend(into: entry.key) { field.decode(entry.value, &root, &$0) }
        }
        let given = Set(entries.map(\.key)).union(defaults.map(\.key))
        for field in schema.fields where field.isRequired && !given.contains(field.key) {
            context.report(
                .missingKey, "\(subject) needs the setting '\(field.key)'", at: node.location,
                hint: field.doc)
        }
        if context.mistakes == before { root.validate(&context, at: node.location) }
        return context.mistakes == before ? root : nil
    }

    /// All keys with their values, defaults included; unset ones are null.
    public var config: ConfigValue { .map(pairs) }

    package var pairs: [ConfigValue.Pair] {
        Self.schema.fields.map { .init($0.key, $0.read(self)) }
    }

    public static var jsonSchema: ConfigValue { objectSchema(extra: []) }

    /// The JSON Schema of the mapping with further properties that somebody else reads.
    package static func objectSchema(extra: [ConfigValue.Pair]) -> ConfigValue {
        let properties = describe().map(\.property)
        let required = schema.fields.filter(\.isRequired).map { ConfigValue.string($0.key) }
        return .map(
            [
                .init("type", "object"), .init("description", .string(schema.summary)),
                .init("properties", .map(extra + properties)),
                .init("additionalProperties", false),
            ] + (required.isEmpty ? [] : [.init("required", .list(required))]))
    }

    /// The keys for documents, with the defaults that `init()` holds.
    public static func describe() -> [FieldDescription] {
        let defaults = Self()
        return schema.fields.map {
            FieldDescription(
                $0.key, $0.typeName, rule: $0.rule, required: $0.isRequired,
                defaultValue: $0.read(defaults), jsonSchema: $0.jsonSchema(), doc: $0.doc)
        }
    }
}
