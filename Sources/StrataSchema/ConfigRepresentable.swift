/// A Swift type that a value of a spec can become, and be written back from.
public protocol ConfigRepresentable: Sendable, Equatable {
    /// The type in a few words for messages and tables: "whole number", "list of text".
    static var typeName: String { get }
    /// The JSON Schema of the values that decode to this type.
    static var jsonSchema: ConfigValue { get }
    /// Reads a node; notes what is wrong in `context` and returns nil where it does not fit.
    static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self?
    /// The value to write back; decoding it gives an equal value.
    var config: ConfigValue { get }
}

extension Int: ConfigRepresentable {
    public static var typeName: String { "whole number" }
    public static var jsonSchema: ConfigValue { ["type": "integer"] }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Int? {
        guard case .scalar(let text, true) = node.content, let value = ScalarText.number(text),
            value == value.rounded()
        else {
            context.reportMismatch(node, expected: "a whole number")
            return nil
        }
        guard let integer: Int = ScalarText.wholeNumber(text) else {
            context.report(.outOfRange, "'\(text)' is too large a number", at: node.location)
            return nil
        }
        return integer
    }
    public var config: ConfigValue { .int(self) }
}

extension UInt64: ConfigRepresentable {
    public static var typeName: String { "whole number" }
    public static var jsonSchema: ConfigValue { ["type": "integer", "minimum": 0] }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> UInt64? {
        // What no Int holds is written back as text, so text of digits is read as well.
        guard case .scalar(let text, let isPlain) = node.content,
            let value = isPlain ? ScalarText.wholeNumber(text) : UInt64(text),
            isPlain || value > UInt64(Int.max)
        else {
            context.reportMismatch(node, expected: "a whole number from 0 to 2^64 - 1")
            return nil
        }
        return value
    }
    public var config: ConfigValue {
        Int(exactly: self).map(ConfigValue.int) ?? .string(String(self))
    }
}

extension Double: ConfigRepresentable {
    public static var typeName: String { "number" }
    public static var jsonSchema: ConfigValue { ["type": "number"] }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Double? {
        guard case .scalar(let text, true) = node.content, let value = ScalarText.number(text)
        else {
            context.reportMismatch(node, expected: "a number")
            return nil
        }
        guard value.isFinite else {
            context.report(.outOfRange, "'\(text)' is not a finite number", at: node.location)
            return nil
        }
        return value
    }
    public var config: ConfigValue { .double(self) }
}

extension Bool: ConfigRepresentable {
    public static var typeName: String { "true or false" }
    public static var jsonSchema: ConfigValue { ["type": "boolean"] }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Bool? {
        if case .scalar(let text, true) = node.content {
            switch text.lowercased() {
            case "true", "yes", "on": return true
            case "false", "no", "off": return false
            default: break
            }
        }
        context.reportMismatch(node, expected: "true or false")
        return nil
    }
    public var config: ConfigValue { .bool(self) }
}

extension String: ConfigRepresentable {
    public static var typeName: String { "text" }
    public static var jsonSchema: ConfigValue { ["type": ["string", "number", "boolean"]] }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> String? {
        guard let text = node.text, !node.isNull else {
            context.reportMismatch(
                node, expected: "text",
                hint: node.isNull ? "a text without characters is \"\"" : nil)
            return nil
        }
        return text
    }
    public var config: ConfigValue { .string(self) }
}

extension Optional: ConfigRepresentable where Wrapped: ConfigRepresentable {
    public static var typeName: String { Wrapped.typeName }
    public static var jsonSchema: ConfigValue { ["anyOf": [Wrapped.jsonSchema, ["type": "null"]]] }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self? {
        if node.isNull { return .some(nil) }
        guard let value = Wrapped.decode(node, &context) else { return nil }
        return .some(value)
    }
    public var config: ConfigValue { self?.config ?? .null }
}

/// A list; a single value stands for a list of one.
extension Array: ConfigRepresentable where Element: ConfigRepresentable {
    public static var typeName: String { "list of \(Element.typeName)" }
    public static var jsonSchema: ConfigValue {
        ["anyOf": [["type": "array", "items": Element.jsonSchema], Element.jsonSchema]]
    }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self? {
        guard let nodes = node.elements else {
            return Element.decode(node, &context).map { [$0] }
        }
        let values = nodes.enumerated().map { index, node in
            context.descend(into: String(index)) { Element.decode(node, &$0) }
        }
        return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
    }
    public var config: ConfigValue {
        // A list of one list must keep both brackets, or it would read back as many lists of one.
        if count == 1, case let value = self[0].config {
            if case .list = value { return .list([value]) }
            return value
        }
        return .list(map(\.config))
    }
}

/// A choice among named values, spelled by its raw value.
public protocol ConfigChoice: ConfigRepresentable, CaseIterable, RawRepresentable
where RawValue == String {
    /// Other accepted spellings, such as Deeplearning4j's.
    static var aliases: [String: Self] { get }
    /// What to say of other texts that somebody may write, by the text: where to say it instead.
    static var hints: [String: String] { get }
}

extension ConfigChoice {
    public static var aliases: [String: Self] { [:] }
    public static var hints: [String: String] { [:] }
    public static var typeName: String { allCases.map(\.rawValue).joined(separator: ", ") }
    public static var jsonSchema: ConfigValue {
        ["enum": .list(allCases.map { .string($0.rawValue) })]
    }
    public static func decode(_ node: ConfigNode, _ context: inout DecodingContext) -> Self? {
        guard let text = node.text, !node.isNull else {
            context.reportMismatch(node, expected: "one of \(typeName)")
            return nil
        }
        if let value = Self(rawValue: text) ?? aliases[text] ?? Self(rawValue: text.lowercased()) {
            return value
        }
        context.report(
            .unknownName, "no such choice: '\(text.cut(to: 40))'", at: node.location,
            hint: hints[text.lowercased()]
                ?? Suggestion.hint(for: text, among: allCases.map(\.rawValue)))
        return nil
    }
    public var config: ConfigValue { .string(rawValue) }
}
