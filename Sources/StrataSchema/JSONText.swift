extension ConfigValue {
    /// The value as JSON text.
    ///
    /// - Parameter indentation: spaces per level; nil writes everything on one line.
    /// Numbers that JSON cannot hold (NaN, infinities) are written as null.
    public func json(indentation: Int? = nil) -> String {
        var text = ""
        writeJSON(to: &text, indentation: indentation, level: 0)
        return text
    }

    private func writeJSON(to text: inout String, indentation: Int?, level: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .double(let value): text += value.isFinite ? Self.text(of: value) : "null"
        case .string(let value): text += Self.quoted(value)
        case .list(let values):
            Self.writeBracketed("[", "]", values, to: &text, indentation, level) { value, text in
                value.writeJSON(to: &text, indentation: indentation, level: level + 1)
            }
        case .map(let pairs):
            Self.writeBracketed("{", "}", pairs, to: &text, indentation, level) { pair, text in
                text += Self.quoted(pair.key) + (indentation == nil ? ":" : ": ")
                pair.value.writeJSON(to: &text, indentation: indentation, level: level + 1)
            }
        }
    }

    private static func writeBracketed<Element>(
        _ open: String, _ close: String, _ elements: [Element], to text: inout String,
        _ indentation: Int?, _ level: Int, write: (Element, inout String) -> Void
    ) {
        text += open
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            if let indentation {
                text += "\n" + String(repeating: " ", count: indentation * (level + 1))
            }
            write(element, &text)
        }
        if let indentation, !elements.isEmpty {
            text += "\n" + String(repeating: " ", count: indentation * level)
        }
        text += close
    }

    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
