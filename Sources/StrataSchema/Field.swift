/// One key of a spec: everything known about it, declared once.
///
/// Decoding, writing back, JSON Schema, reference tables and suggestions all read this.
public struct Field<Root: Sendable>: Sendable {
    /// The key in YAML, snake_case.
    public let key: String
    /// One sentence for the reference.
    public let doc: String
    /// The type in words.
    public let typeName: String
    /// The rule in words, if there is one.
    public let rule: String?
    /// Whether the key must be given.
    public let isRequired: Bool
    let jsonSchema: @Sendable () -> ConfigValue
    let decode: @Sendable (ConfigNode, inout Root, inout DecodingContext) -> Void
    let read: @Sendable (Root) -> ConfigValue

    /// Declares a key that reads and writes one stored property.
    public init<Value: ConfigRepresentable>(
        _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ constraint: Constraint<Value>? = nil, required: Bool = false, doc: String
    ) {
        self.key = key
        self.doc = doc
        typeName = Value.typeName
        rule = constraint?.rule
        isRequired = required
        jsonSchema = {
            let schema = Value.jsonSchema
            guard let pairs = schema.pairs, let constraint else { return schema }
            return .map(pairs + constraint.json)
        }
        decode = { node, root, context in
            guard let value = Value.decode(node, &context) else { return }
            if let constraint, let reason = constraint.objection(value) {
                context.report(
                    .outOfRange,
                    "'\(key)' must be \(constraint.rule), not \(node.kindInWords)\(reason)",
                    at: node.location)
                return
            }
            root[keyPath: path] = value
        }
        read = { $0[keyPath: path].config }
    }
}

/// What documents and tools need to know of a field, without its root type.
public struct FieldDescription: Sendable {
    /// The key in YAML.
    public var key: String
    /// One sentence.
    public var doc: String
    /// The type in words.
    public var typeName: String
    /// The rule in words, if there is one.
    public var rule: String?
    /// Whether the key must be given.
    public var isRequired: Bool
    /// The value where the key is absent.
    public var defaultValue: ConfigValue
    /// The values' JSON Schema.
    public var jsonSchema: ConfigValue

    /// Describes a key that no ``Field`` declares, because nothing but code can read it.
    package init(
        _ key: String, _ typeName: String, rule: String? = nil, required: Bool = false,
        defaultValue: ConfigValue = .null, jsonSchema: ConfigValue, doc: String
    ) {
        self.key = key
        self.doc = doc
        self.typeName = typeName
        self.rule = rule
        isRequired = required
        self.defaultValue = defaultValue
        self.jsonSchema = jsonSchema
    }

    /// The key as a property of a JSON Schema.
    package var property: ConfigValue.Pair {
        var pairs = jsonSchema.pairs ?? []
        // The key's own words say more than those of its type, and a key stands only once.
        pairs.removeAll { $0.key == "description" }
        pairs.append(.init("description", .string(doc)))
        if defaultValue != .null, !isRequired { pairs.append(.init("default", defaultValue)) }
        return .init(key, .map(pairs))
    }
}
