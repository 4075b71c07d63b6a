/// A configuration value without a place: what a spec is written back as, in YAML or JSON.
public indirect enum ConfigValue: Hashable, Sendable {
    /// No value.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// A real number.
    case double(Double)
    /// Text.
    case string(String)
    /// An ordered list.
    case list([ConfigValue])
    /// Keys and values in order.
    case map([Pair])

    /// One key of a map with its value.
    public struct Pair: Hashable, Sendable {
        /// The key.
        public var key: String
        /// The value.
        public var value: ConfigValue

        /// Creates a pair.
        public init(_ key: String, _ value: ConfigValue) {
            self.key = key
            self.value = value
        }
    }

    /// The pairs of a map, or nil.
    public var pairs: [Pair]? {
        if case .map(let pairs) = self { pairs } else { nil }
    }

    /// A whole or real number, or nil.
    package var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        case .null, .bool, .string, .list, .map: nil
        }
    }

    /// The value under a key of a map, or nil.
    public subscript(_ key: String) -> ConfigValue? {
        pairs?.first { $0.key == key }?.value
    }
}

extension ConfigValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Creates text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates a whole number.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// Creates a real number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates true or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates a list.
    public init(arrayLiteral elements: ConfigValue...) { self = .list(elements) }
    /// Creates a map that keeps the literal's order.
    public init(dictionaryLiteral elements: (String, ConfigValue)...) {
        self = .map(elements.map { Pair($0.0, $0.1) })
    }
}

extension ConfigValue {
    /// The value as a node without a place, so that specs made in Swift decode like files.
    public var node: ConfigNode {
        switch self {
        case .null: ConfigNode(.scalar("", isPlain: true))
        case .bool(let value): ConfigNode(.scalar(value ? "true" : "false", isPlain: true))
        case .int(let value): ConfigNode(.scalar(String(value), isPlain: true))
        case .double(let value): ConfigNode(.scalar(Self.text(of: value), isPlain: true))
        case .string(let value): ConfigNode(.scalar(value, isPlain: false))
        case .list(let values): ConfigNode(.sequence(values.map(\.node)))
        case .map(let pairs):
            ConfigNode(
                .mapping(
                    pairs.map { .init(key: $0.key, keyLocation: nil, value: $0.value.node) }))
        }
    }

    /// The shortest text that reads back as the same number: `0.005`, `1e-05`, `5`.
    package static func text(of value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return "\(value)"
    }
}
