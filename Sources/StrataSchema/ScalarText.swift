/// Numbers as people write them in YAML: `1e-4`, `1_000`, `+5`, `.5`, `1.`, `0x10`.
package enum ScalarText {
    /// The number, or nil where the text is not one.
    ///
    /// Overflow gives an infinity.
    package static func number(_ text: String) -> Double? {
        if let integer: Int = integer(text) { return Double(integer) }
        let plain = digits(of: text)
        // Swift's Double also reads "nan", "infinity" and hexadecimal floats: not numbers here.
        guard let first = plain.first(where: { $0 != "-" && $0 != "+" }),
            first.isASCII, first.isNumber || first == ".",
            plain.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) })
        else { return nil }
        if let value = Double(plain) { return value }
        guard plain.hasSuffix("."), plain.contains(where: \.isNumber) else { return nil }
        return Double(plain + "0")
    }

    /// The whole number, or nil where the text is not one or does not fit.
    package static func wholeNumber<Whole: FixedWidthInteger>(_ text: String) -> Whole? {
        // `1e3` and `1.` are written like real numbers, which hold large ones only roughly.
        integer(text) ?? number(text).flatMap(Whole.init(exactly:))
    }

    private static func integer<Whole: FixedWidthInteger>(_ text: String) -> Whole? {
        let plain = digits(of: text)
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where plain.lowercased().hasPrefix(prefix) {
            let digits = plain.dropFirst(2)
            return digits.allSatisfy { $0 != "-" && $0 != "+" } ? Whole(digits, radix: radix) : nil
        }
        return Whole(plain)
    }

    private static func digits(of text: String) -> String {
        guard text.contains("_"), !text.hasPrefix("_"), !text.hasSuffix("_") else { return text }
        return text.replacing("_", with: "")
    }
}
