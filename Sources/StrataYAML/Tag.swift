/// What a YAML tag says about its node, as far as settings know tags.
enum Tag {
    case none, null, text, number, sequence, mapping, unknown

    private static let prefix = "tag:yaml.org,2002:"

    init(_ tag: String?) {
        switch tag {
        case nil, "": self = .none
        case "!", Self.prefix + "str": self = .text
        case Self.prefix + "int", Self.prefix + "float", Self.prefix + "bool": self = .number
        case Self.prefix + "null": self = .null
        case Self.prefix + "seq": self = .sequence
        case Self.prefix + "map": self = .mapping
        default: self = .unknown
        }
    }

    /// The tag as people write it: `!!str`.
    static func shown(_ tag: String) -> String {
        tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    }
}
