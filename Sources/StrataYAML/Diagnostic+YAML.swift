import StrataSchema

// The wording of everything that can be wrong with a text.
extension Diagnostic {
    static func nothing(in text: String, file: String) -> Diagnostic {
        let lines = SourceTexts.lines(of: text).map { $0.drop(while: \.isWhitespace) }
        let message =
            if lines.allSatisfy(\.isEmpty) {
                "the file is empty"
            } else if lines.allSatisfy({ $0.isEmpty || $0.first == "#" }) {
                "there are only comments in this file"
            } else {
                "there are no settings in this file"
            }
        return Diagnostic(
            .syntax, message, at: SourceLocation(file: file, line: 1, column: 1))
    }

    static func secondDocument(at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .syntax, "a second document starts here", at: location,
            hint: "a file holds one: move it to a file of its own")
    }

    static func keyNotText(_ kind: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .syntax, "a key must be text, not \(kind)", at: location,
            hint: "quote text that begins with '[' or '{'")
    }

    static func emptyKey(at location: SourceLocation) -> Diagnostic {
        Diagnostic(.syntax, "there is no key before ':'", at: location)
    }

    static func mergeKey(at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .syntax, "merge keys ('<<') are not supported", at: location,
            hint: "build on another file with 'extends: base.yaml'")
    }

    static func duplicateKey(
        _ key: String, _ first: SourceLocation, at location: SourceLocation
    ) -> Diagnostic {
        Diagnostic(
            .duplicateKey, "'\(key.cut(to: 60))' is set twice", at: location,
            notes: [.init("first set here", at: first)])
    }

    static func unknownTag(_ tag: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .syntax, "the tag '\(tag.cut(to: 60))' is not supported here", at: location,
            hint: "remove it; text that begins with '!' needs quotes")
    }

    static func unknownAlias(
        _ name: String, among known: [String], at location: SourceLocation
    ) -> Diagnostic {
        Diagnostic(
            .unknownName, "there is no anchor '&\(name.cut(to: 60))' before this alias",
            at: location,
            hint: Suggestion.nearest(to: name, among: known).map { "did you mean '*\($0)'?" }
                ?? "text that begins with '*' needs quotes")
    }

    static func aliasWithinItself(
        _ name: String, _ anchor: SourceLocation, at location: SourceLocation
    ) -> Diagnostic {
        Diagnostic(
            .syntax, "the alias '*\(name.cut(to: 60))' stands within the value that it names",
            at: location, notes: [.init("the value starts here", at: anchor)])
    }

    static func duplicateAnchor(
        _ name: String, _ first: SourceLocation, at location: SourceLocation
    ) -> Diagnostic {
        Diagnostic(
            .syntax, "the anchor '&\(name.cut(to: 60))' is defined twice", at: location,
            notes: [.init("first defined here", at: first)])
    }

    // MARK: Limits

    static func fileTooLarge(
        _ count: Int?, _ limits: YAMLLimits, name: String = "the text",
        at location: SourceLocation?
    ) -> Diagnostic {
        let size = count.map { " (\($0) bytes)" } ?? ""
        return Diagnostic(
            .limit,
            "\(name) is too large for a configuration\(size): "
                + "at most \(limits.fileBytes) bytes", at: location)
    }

    static func scalarTooLong(
        _ count: Int, _ limits: YAMLLimits, at location: SourceLocation
    ) -> Diagnostic {
        Diagnostic(
            .limit, "this text is too long (\(count) bytes): at most \(limits.scalarBytes)",
            at: location)
    }

    static func tooDeep(_ limits: YAMLLimits, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .limit, "more than \(limits.depth) lists and mappings within each other",
            at: location)
    }

    static func tooMuchText(_ limits: YAMLLimits, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .limit, "more than \(limits.textBytes) bytes of text, counting what aliases repeat",
            at: location)
    }

    static func tooManyNodes(_ limits: YAMLLimits, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .limit, "more than \(limits.nodes) values, counting what aliases repeat",
            at: location)
    }
}
