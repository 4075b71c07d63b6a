import StrataSchema

/// Writes values in the style of hand-written specs.
enum Emitter {
    private static let width = 90
    private static let indentation = 2
    // The parser takes a key in front of ':' for one up to 1024 characters only.
    private static let longestKey = 1000

    static func text(of value: ConfigValue) -> String {
        lines(of: value, level: 0, indent: 0).joined(separator: "\n") + "\n"
    }

    /// The lines of a value without the indentation that its parent adds.
    ///
    /// - Parameters:
    ///   - level: how many lists and mappings are around the value.
    ///   - indent: the columns that are taken on each line.
    private static func lines(of value: ConfigValue, level: Int, indent: Int) -> [String] {
        switch value {
        case .map(let pairs) where !pairs.isEmpty:
            pairs.flatMap { lines(of: $0, level: level, indent: indent) }
        case .list(let values) where !values.isEmpty:
            values.flatMap { lines(ofElement: $0, level: level, indent: indent) }
        default: [inline(value)]
        }
    }

    private static func lines(
        of pair: ConfigValue.Pair, level: Int, indent: Int
    ) -> [String] {
        let key = scalar(pair.key, isKey: true, inFlow: false)
        let isLong = key.unicodeScalars.count > longestKey
        let head = isLong ? ":" : key + ":"
        let start = isLong ? ["? " + key] : []
        if let line = oneLine(pair.value, level: level + 1, indent: indent + head.count + 1) {
            return start + [head + " " + line]
        }
        let inner = lines(of: pair.value, level: level + 1, indent: indent + indentation)
        let margin = String(repeating: " ", count: indentation)
        return start + [head] + inner.map { margin + $0 }
    }

    private static func lines(
        ofElement value: ConfigValue, level: Int, indent: Int
    ) -> [String] {
        let inner =
            oneLine(value, level: level + 1, indent: indent + 2).map { [$0] }
            ?? lines(of: value, level: level + 1, indent: indent + 2)
        return inner.enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }
    }

    /// The value for the rest of a line, or nil where it needs lines of its own.
    private static func oneLine(_ value: ConfigValue, level: Int, indent: Int) -> String? {
        switch value {
        case .map(let pairs) where !pairs.isEmpty:
            guard level >= 2, pairs.allSatisfy({ isFlat($0.value) }) else { return nil }
        case .list(let values) where !values.isEmpty:
            guard values.allSatisfy(isScalar) else { return nil }
        default: return inline(value)
        }
        let text = inline(value)
        return indent + text.count <= width ? text : nil
    }

    private static func isScalar(_ value: ConfigValue) -> Bool {
        switch value {
        case .list(let values): values.isEmpty
        case .map(let pairs): pairs.isEmpty
        default: true
        }
    }

    /// A scalar, or a list of scalars such as `from: [a, b]`.
    private static func isFlat(_ value: ConfigValue) -> Bool {
        if case .list(let values) = value { values.allSatisfy(isScalar) } else { isScalar(value) }
    }

    private static func inline(_ value: ConfigValue, inFlow: Bool = false) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .double(let value): number(value)
        case .string(let value): scalar(value, isKey: false, inFlow: inFlow)
        case .list(let values):
            "[" + values.map { inline($0, inFlow: true) }.joined(separator: ", ") + "]"
        case .map(let pairs):
            "{"
                + pairs.map {
                    scalar($0.key, isKey: true, inFlow: true) + ": "
                        + inline($0.value, inFlow: true)
                }
                .joined(separator: ", ") + "}"
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        return ConfigValue.text(of: value)
    }

    private static func scalar(_ text: String, isKey: Bool, inFlow: Bool) -> String {
        // Keys are always text, so only values can be taken for something else.
        let isPlain =
            PlainText.isSafe(text, inFlow: inFlow) && (isKey || !PlainText.looksTyped(text))
        return isPlain ? text : PlainText.quoted(text)
    }
}
