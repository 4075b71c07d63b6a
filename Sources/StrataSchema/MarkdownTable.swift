/// Writes the reference of settings as Markdown.
package enum MarkdownTable {
    /// A table of fields: key, type, default, meaning.
    package static func fields(_ fields: [FieldDescription]) -> String {
        guard !fields.isEmpty else { return "No settings.\n" }
        var text = "| setting | type | default | meaning |\n| --- | --- | --- | --- |\n"
        for field in fields {
            let value: String =
                switch field.defaultValue {
                case _ where field.isRequired: "required"
                // Settings of their own have a table of their own.
                case .map: "see below"
                case .null: "–"
                default: "`" + field.defaultValue.json() + "`"
                }
            let type = [field.typeName, field.rule].compactMap { $0 }.joined(separator: "; ")
            text += "| `\(field.key)` | \(cell(type)) | \(cell(value)) | \(cell(field.doc)) |\n"
        }
        return text
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
