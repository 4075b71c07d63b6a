/// A parsed configuration value that knows where it stands.
///
/// Scalars stay text: the field that reads one decides what it means.
public struct ConfigNode: Sendable {
    /// What a node holds.
    public indirect enum Content: Sendable {
        /// A scalar's text; `isPlain` is false where it was quoted.
        case scalar(String, isPlain: Bool)
        /// An ordered list.
        case sequence([ConfigNode])
        /// Keys and values in the order of the file; keys are unique.
        case mapping([Entry])
    }

    /// One key of a mapping with its value.
    public struct Entry: Sendable {
        /// The key's text.
        public var key: String
        /// Where the key stands.
        public var keyLocation: SourceLocation?
        /// The value.
        public var value: ConfigNode
        /// Whether it was written for another `type` than the mapping has now: it counts only
        /// where that type has the key, too.
        package var isOfOtherType = false

        /// Creates an entry.
        public init(key: String, keyLocation: SourceLocation?, value: ConfigNode) {
            self.key = key
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    /// What the node holds.
    public var content: Content
    /// Where the value starts; nil for values made in Swift.
    public var location: SourceLocation?

    /// Creates a node.
    public init(_ content: Content, location: SourceLocation? = nil) {
        self.content = content
        self.location = location
    }

    /// The entries of a mapping, or nil.
    public var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The elements of a sequence, or nil.
    public var elements: [ConfigNode]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The text of a scalar, or nil.
    public var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// Whether the node is YAML's null: empty, `~` or `null`, unquoted.
    public var isNull: Bool {
        guard case .scalar(let text, true) = content else { return false }
        return text.isEmpty || text == "~" || text.lowercased() == "null"
    }

    /// The value under a key of a mapping, or nil.
    public subscript(_ key: String) -> ConfigNode? {
        entries?.first { $0.key == key }?.value
    }

    /// The node at a path of keys and indices, or nil.
    package func node(at path: [String]) -> ConfigNode? {
        path.reduce(self as ConfigNode?) { node, key in
            if let elements = node?.elements {
                return Int(key).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            }
            return node?[key]
        }
    }

    /// What the node is, in words for a message.
    package var kindInWords: String {
        switch content {
        case .scalar(let text, let isPlain):
            if isNull { return "nothing" }
            return isPlain ? "'\(text.cut(to: 40))'" : "the text \"\(text.cut(to: 40))\""
        case .sequence(let elements): return elements.isEmpty ? "an empty list" : "a list"
        case .mapping(let entries): return entries.isEmpty ? "an empty mapping" : "a mapping"
        }
    }
}
