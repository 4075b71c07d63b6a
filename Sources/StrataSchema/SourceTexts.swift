/// The texts that locations point into, kept to print the line of an error.
public struct SourceTexts: Sendable {
    private var lines: [String: [Substring]] = [:]
    /// What the texts say together: where a setting stands is looked up in it.
    package var settings: ConfigNode?

    /// Creates an empty collection.
    public init() {}

    /// Remembers `text` under the name that locations use for it.
    public mutating func add(_ text: String, file: String) {
        lines[file] = Self.lines(of: text)
    }

    /// The lines of a text, split where YAML breaks lines.
    package static func lines(of text: String) -> [Substring] {
        // A carriage return with its line feed is one Character, so neither is found alone.
        text.split(omittingEmptySubsequences: false) {
            $0.isNewline && $0 != "\u{B}" && $0 != "\u{C}"
        }
    }

    /// The names of all texts: most are files.
    package var files: [String] { lines.keys.sorted() }

    /// Adds all texts of another collection.
    public mutating func merge(_ other: SourceTexts) {
        lines.merge(other.lines) { first, _ in first }
    }

    /// Where the setting of a path stands, or the nearest one around it; nil where that is unknown.
    package func place(of path: [String]) -> SourceLocation? {
        guard !path.isEmpty, var node = settings else { return nil }
        var place = node.location
        for key in path {
            if let entry = node.entries?.first(where: { $0.key == key }) {
                node = entry.value
                // A mapping begins with its first key, which says less than its own.
                let isMapping = node.entries != nil
                place = isMapping ? entry.keyLocation : node.location ?? entry.keyLocation
            } else if let elements = node.elements, let index = Int(key),
                elements.indices.contains(index)
            {
                node = elements[index]
                place = node.location ?? place
            } else {
                break
            }
        }
        return place
    }

    /// A setting that was given on a command line.
    struct Override {
        var path: [String]
        var place: SourceLocation

        /// Whether it stands at a path of `causes` or below it.
        func isWithin(_ setting: [String]) -> Bool {
            path.starts(with: setting) { $1 == Diagnostic.anyKey || $0 == $1 }
        }
    }

    /// All settings that were given on a command line.
    var overrides: [Override] {
        var found: [Override] = []
        var path: [String] = []
        func search(_ node: ConfigNode) {
            let children =
                node.elements.map { $0.enumerated().map { (String($0), $1) } }
                ?? node.entries?.map { ($0.key, $0.value) } ?? []
            for (key, child) in children {
                path.append(key)
                search(child)
                path.removeLast()
            }
            if children.isEmpty, let place = node.location, place.isOverride {
                found.append(Override(path: path, place: place))
            }
        }
        if let settings { search(settings) }
        return found
    }

    /// The line a location points to, or nil where the text is not known.
    public func line(at location: SourceLocation) -> Substring? {
        guard let all = lines[location.file], all.indices.contains(location.line - 1) else {
            return nil
        }
        return all[location.line - 1]
    }
}
