package import StrataSchema

/// A configuration in which every key and value has a place of its own, as if read from a file.
package struct LocatedConfig: Sendable {
    package let node: ConfigNode

    package init(_ value: ConfigValue) {
        var line = 0
        node = Self.locate(value.node, &line)
    }

    /// The place of the value at a path.
    package func location(_ path: [String]) -> SourceLocation? {
        path.reduce(Optional(node)) { $0?[$1] }?.location
    }

    /// The place of the key at the end of a path.
    package func keyLocation(_ path: [String]) -> SourceLocation? {
        let parent = path.dropLast().reduce(Optional(node)) { $0?[$1] }
        return parent?.entries?.first { $0.key == path.last }?.keyLocation
    }

    private static func next(_ line: inout Int) -> SourceLocation {
        line += 1
        return SourceLocation(file: "network.yaml", line: line, column: 1)
    }

    private static func locate(_ node: ConfigNode, _ line: inout Int) -> ConfigNode {
        let place = next(&line)
        switch node.content {
        case .scalar: return ConfigNode(node.content, location: place)
        case .sequence(let nodes):
            return ConfigNode(.sequence(nodes.map { locate($0, &line) }), location: place)
        case .mapping(let entries):
            let located = entries.map { entry in
                ConfigNode.Entry(
                    key: entry.key, keyLocation: next(&line), value: locate(entry.value, &line))
            }
            return ConfigNode(.mapping(located), location: place)
        }
    }
}
