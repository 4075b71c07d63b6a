/// A configurable type that is chosen by its name in the key `type`.
public protocol NamedConfigurable: Configurable {
    /// The name in YAML, snake_case.
    static var type: String { get }
    /// Other accepted spellings, such as Deeplearning4j's.
    static var aliases: [String] { get }
}

extension NamedConfigurable {
    public static var aliases: [String] { [] }
    /// All keys, `type` first.
    public var config: ConfigValue { .map([.init("type", .string(Self.type))] + pairs) }
}

/// The kinds that a key `type` chooses among: layers, optimizers, data sources.
///
/// A new kind is one line in its catalog's list.
public struct Catalog<Element: Sendable>: Sendable {
    /// One kind of the catalog.
    public struct Kind: Sendable {
        /// The name in YAML.
        public let type: String
        /// Other accepted spellings.
        public let aliases: [String]
        /// One sentence.
        public let summary: String
        /// The keys.
        public let fields: [FieldDescription]
        /// The kind with all defaults.
        public let defaults: Element
        let decode:
            @Sendable (
                ConfigNode, inout DecodingContext, Set<String>, String, [ConfigNode.Entry]
            ) -> Element?
        let jsonSchema: @Sendable ([ConfigValue.Pair]) -> ConfigValue
        /// Reads the value of one of the keys, only to note what is wrong with it.
        package let check: @Sendable (ConfigNode.Entry, inout DecodingContext) -> Void

        /// Describes a kind; `erase` makes the catalog's element of it.
        public init<Base: NamedConfigurable>(
            _ base: Base.Type, _ erase: @escaping @Sendable (Base) -> Element
        ) {
            type = base.type
            aliases = base.aliases
            summary = base.schema.summary
            fields = base.describe()
            defaults = erase(base.init())
            decode = { node, context, ignoring, subject, defaults in
                base.decode(
                    node, &context, ignoring: ignoring, subject: subject, defaults: defaults
                ).map(erase)
            }
            jsonSchema = { base.objectSchema(extra: $0) }
            check = { entry, context in
                var value = base.init()
                let field = base.schema.fields.first { $0.key == entry.key }
                context.descend(into: entry.key) { field?.decode(entry.value, &value, &$0) }
            }
        }
    }

    /// What an element is called in messages: "layer", "optimizer".
    public let noun: String
    /// The kinds in the order of the reference.
    public let kinds: [Kind]

    /// Creates a catalog.
    public init(_ noun: String, _ kinds: [Kind]) {
        self.noun = noun
        self.kinds = kinds
    }

    private var article: String { "aeiou".contains(noun.prefix(1)) ? "an" : "a" }

    /// The kind of a name or one of its other spellings, or nil.
    public func kind(named name: String) -> Kind? {
        kinds.first { $0.type == name || $0.aliases.contains(name) }
    }

    /// Reads `{type: name, ...}`, or just `name` where no other setting is wanted.
    ///
    /// - Parameters:
    ///   - ignoring: keys besides `type` that somebody else reads.
    ///   - subject: who is described, for messages; nil: the noun and type.
    ///   - defaults: entries that apply where the mapping does not set them.
    package func decode(
        _ node: ConfigNode, _ context: inout DecodingContext, ignoring: Set<String> = [],
        subject: String? = nil, defaults: [ConfigNode.Entry] = []
    ) -> Element? {
        let typeNode = node.text == nil ? node["type"] : node
        guard let typeNode, !node.isNull, let name = typeNode.text else {
            if node.entries == nil {
                context.reportMismatch(
                    node, expected: "the type of \(article) \(noun), or a mapping")
            } else {
                context.report(
                    .missingKey, "\(subject ?? "this \(noun)") needs the setting 'type'",
                    at: node.location, hint: "known: " + kinds.map(\.type).joined(separator: ", "))
            }
            return nil
        }
        guard let kind = kind(named: name) else {
            context.report(
                .unknownName, "there is no \(noun) type '\(name.cut(to: 60))'",
                at: typeNode.location,
                hint: Suggestion.hint(for: name, among: kinds.flatMap { [$0.type] + $0.aliases }))
            return nil
        }
        let mapping = node.text == nil ? node : ConfigNode(.mapping([]), location: node.location)
        return kind.decode(
            mapping, &context, ignoring.union(["type"]), subject ?? "\(noun) '\(kind.type)'",
            defaults)
    }

    /// The JSON Schema of all kinds; `extra` are properties that every kind also takes.
    package func jsonSchema(extra: [ConfigValue.Pair] = []) -> ConfigValue {
        let names = kinds.flatMap { [$0.type] + $0.aliases }.map(ConfigValue.string)
        let shapes = kinds.map { kind -> ConfigValue in
            let spellings = ([kind.type] + kind.aliases).map(ConfigValue.string)
            return kind.jsonSchema([.init("type", ["enum": .list(spellings)])] + extra)
        }
        return ["anyOf": .list([["enum": .list(names)]] + shapes)]
    }
}
