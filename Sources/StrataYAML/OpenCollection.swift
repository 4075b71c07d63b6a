import StrataSchema

/// A list or mapping that is being read.
struct OpenCollection {
    /// A key that waits for its value; unusable keys were reported and their values are dropped.
    struct Key {
        var text: String
        var location: SourceLocation
        var isUsable: Bool
    }

    let isMapping: Bool
    let anchor: String?
    let start: Mark
    let location: SourceLocation
    var key: Key? {
        didSet { bytes += key?.text.utf8.count ?? 0 }
    }
    private(set) var keys: [String: SourceLocation] = [:]
    private(set) var size = 1
    private(set) var bytes = 0
    private(set) var height = 1
    private var elements: [ConfigNode] = []
    private var entries: [ConfigNode.Entry] = []

    init(isMapping: Bool, anchor: String?, start: Mark, location: SourceLocation) {
        self.isMapping = isMapping
        self.anchor = anchor
        self.start = start
        self.location = location
    }

    /// Whether the next node is a key.
    var awaitsKey: Bool { isMapping && key == nil }

    /// Adds an element, or the value of the waiting key.
    mutating func add(_ child: SizedNode) {
        size += child.size
        bytes += child.bytes
        height = max(height, child.height + 1)
        guard isMapping else {
            elements.append(child.node)
            return
        }
        defer { key = nil }
        guard let key, key.isUsable else { return }
        keys[key.text] = key.location
        entries.append(.init(key: key.text, keyLocation: key.location, value: child.node))
    }

    /// The finished node.
    func node(at location: SourceLocation) -> ConfigNode {
        ConfigNode(isMapping ? .mapping(entries) : .sequence(elements), location: location)
    }
}
