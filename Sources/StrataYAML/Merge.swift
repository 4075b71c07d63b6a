import StrataSchema

/// Puts one file's settings over another's.
enum Merge {
    /// Mappings merge key by key, in the order of `base`, then the new keys; all else is replaced.
    static func merge(_ node: ConfigNode, over base: ConfigNode) -> ConfigNode {
        guard let own = node.entries, var entries = base.entries, !typesDiffer(node, base) else {
            return node
        }
        let places = Dictionary(
            entries.indices.map { (entries[$0].key, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in own {
            if let place = places[entry.key] {
                entries[place].keyLocation = entry.keyLocation
                entries[place].value = merge(entry.value, over: entries[place].value)
            } else {
                entries.append(entry)
            }
        }
        return ConfigNode(.mapping(entries), location: node.location)
    }

    /// Another type has other settings: those of the old one would be unknown to it.
    private static func typesDiffer(_ a: ConfigNode, _ b: ConfigNode) -> Bool {
        guard let a = a["type"], let b = b["type"] else { return false }
        return a.text != b.text
    }
}
