import StrataSchema

/// Which texts YAML reads back unchanged without quotes.
enum PlainText {
    /// Whether a text without quotes would be taken for a number, a truth value or nothing.
    static func looksTyped(_ text: String) -> Bool {
        if ScalarText.number(text) != nil { return true }
        switch text.lowercased() {
        case "", "~", "null", "true", "false", "yes", "no", "on", "off": return true
        case ".nan", ".inf", "+.inf", "-.inf": return true
        default: return false
        }
    }

    /// Whether a text can stand without quotes.
    ///
    /// - Parameter inFlow: whether it stands between brackets, where `,[]{}` have a meaning.
    static func isSafe(_ text: String, inFlow: Bool) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first, let last = scalars.last else { return false }
        guard first != " ", last != " ", last != ":", text != "<<" else { return false }
        if "#&*!|>'\"%@`,[]{}".unicodeScalars.contains(first) { return false }
        if "-?:".unicodeScalars.contains(first), scalars.count == 1 || scalars[1] == " " {
            return false
        }
        // libyaml takes these for a key or value between brackets, whatever follows.
        if inFlow, first == ":" || first == "?" { return false }
        // At the beginning of a line these would end the document.
        let start = scalars.prefix { $0 != " " }
        if start.elementsEqual("---".unicodeScalars) || start.elementsEqual("...".unicodeScalars) {
            return false
        }
        for (index, scalar) in scalars.enumerated() {
            guard isPrintable(scalar) else { return false }
            if inFlow, ",[]{}".unicodeScalars.contains(scalar) { return false }
            if scalar == ":", scalars[index + 1] == " " { return false }
            if scalar == "#", scalars[index - 1] == " " { return false }
        }
        return true
    }

    /// The text in double quotes.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default: result += escape(scalar)
            }
        }
        return result + "\""
    }

    /// Letters, digits, marks, signs and the space: what a reader can see.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let (letter, width) =
            switch scalar.value {
            case ...0xFF: ("x", 2)
            case ...0xFFFF: ("u", 4)
            default: ("U", 8)
            }
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
