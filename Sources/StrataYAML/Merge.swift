import StrataSchema

/// Puts settings over other settings: those of a file, or of a command line, over a file's.
enum Merge {
    /// Mappings merge key by key, in the order of `base`, then the new keys; all else is replaced.
    static func merge(_ node: ConfigNode, over base: ConfigNode) -> ConfigNode {
        guard let own = node.entries ?? bareType(node, over: base), let below = settings(of: base)
        else { return node }
        var entries = marking(below, for: own.first { $0.key == "type" }?.value)
        let places = Dictionary(
            entries.indices.map { (entries[$0].key, $0) }, uniquingKeysWith: { first, _ in first })
        for var entry in own {
            if let place = places[entry.key] {
                entry.value = merge(entry.value, over: entries[place].value)
                entries[place] = entry
            } else {
                entries.append(entry)
            }
        }
        return ConfigNode(.mapping(entries), location: node.location)
    }

    /// What a type written alone is on top of a mapping that has a type.
    private static func bareType(
        _ node: ConfigNode, over base: ConfigNode
    ) -> [ConfigNode.Entry]? {
        base["type"] == nil ? nil : settings(of: node)
    }

    /// The entries of a mapping, or nil for what is none.
    ///
    /// A type written alone, as in `optimizer: adam`, is a mapping without other settings.
    static func settings(of node: ConfigNode) -> [ConfigNode.Entry]? {
        if let entries = node.entries { return entries }
        guard case .scalar(let text, let isPlain) = node.content,
            !isPlain || !PlainText.looksTyped(text)
        else { return nil }
        return [.init(key: "type", keyLocation: node.location, value: node)]
    }

    /// The entries, marked as another type's where their type is not the new one: what both types
    /// have stays, and the rest goes.
    static func marking(
        _ entries: [ConfigNode.Entry], for type: ConfigNode?
    ) -> [ConfigNode.Entry] {
        guard let old = entries.first(where: { $0.key == "type" })?.value.text,
            let new = type?.text, new != old
        else { return entries }
        return entries.map { entry in
            var entry = entry
            entry.isOfOtherType = true
            return entry
        }
    }
}
