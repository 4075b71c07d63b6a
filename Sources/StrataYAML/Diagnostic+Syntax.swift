import StrataSchema

extension Diagnostic {
    /// Words what stopped the parser.
    static func unparsable(
        _ failure: ParserFailure, _ source: SourceText, _ locator: inout Locator
    ) -> Diagnostic {
        switch failure.kind {
        case .outOfMemory: Diagnostic(.limit, "there is not enough memory to read this text")
        case .encoding:
            notText(failure, at: locator.location(after: source.text(before: failure.offset)))
        case .syntax: notYAML(failure, &locator)
        }
    }

    private static func notText(
        _ failure: ParserFailure, at location: SourceLocation
    ) -> Diagnostic {
        if failure.problem.hasPrefix("control character"), failure.value >= 0 {
            let digits = String(failure.value, radix: 16, uppercase: true)
            let code = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            return Diagnostic(
                .syntax, "the control character U+\(code) is not allowed", at: location,
                hint: "in double quotes it can be written as \"\\u\(code)\"")
        }
        return Diagnostic(
            .syntax, "this is not UTF-8 text: \(failure.problem)", at: location,
            hint: "save the file as UTF-8")
    }

    private static func notYAML(
        _ failure: ParserFailure, _ locator: inout Locator
    ) -> Diagnostic {
        let character = locator.character(at: failure.mark)
        let first = locator.character(at: failure.contextMark)
        var location = locator.location(at: failure.mark)
        let isTab = character == "\t" && failure.problem.contains("cannot start any token")
        if isTab || failure.problem.contains("tab character") {
            return Diagnostic(
                .syntax, "a tab cannot indent a line", at: location, hint: "use spaces")
        }
        var notes: [Note] = []
        let isElsewhere =
            failure.contextMark.line != failure.mark.line
            || failure.contextMark.column != failure.mark.column
        if let context = failure.context, isElsewhere {
            let start = locator.location(at: failure.contextMark)
            if isAboutStart(failure) {
                location = start
            } else {
                notes.append(.init(context, at: start))
            }
        }
        return Diagnostic(
            .syntax, inWords(failure), at: location,
            hint: hint(for: failure, at: character, from: first), notes: notes)
    }

    /// Whether the mistake is where something starts, not where the parser gave up.
    private static func isAboutStart(_ failure: ParserFailure) -> Bool {
        switch failure.problem {
        case "could not find expected ':'", "found unexpected end of stream",
            "found unexpected document indicator":
            true
        default: false
        }
    }

    private static func inWords(_ failure: ParserFailure) -> String {
        switch failure.problem {
        case "mapping values are not allowed in this context":
            failure.mark.column > 1024
                ? "a key may have at most 1024 characters" : "a ': ' cannot stand here"
        case "could not find expected ':'": "there is no ':' after this key"
        case "found character that cannot start any token":
            "this character cannot begin a value"
        case "found unexpected end of stream", "found unexpected document indicator":
            "the text ends before this is closed"
        case "did not find expected <document start>": "this does not belong to what is above"
        case "did not find expected node content": "there is no value here"
        case "did not find expected key", "did not find expected '-' indicator":
            failure.problem + "; is the indentation right?"
        default: failure.problem
        }
    }

    private static func hint(
        for failure: ParserFailure, at character: Character?, from first: Character?
    ) -> String? {
        switch failure.problem {
        case "mapping values are not allowed in this context":
            return "indent settings alike, and quote text that contains ': '"
        case "could not find expected ':'":
            return "a setting is 'key: value'"
        case "found character that cannot start any token":
            return character.map { "quote text that begins with '\($0)'" }
        case "found unexpected end of stream":
            return "is a quote missing?"
        default: break
        }
        let context = failure.context ?? ""
        for name in ["alias", "anchor", "tag", "directive"] where context.contains(name) {
            return first.map { "quote text that begins with '\($0)'" }
        }
        return nil
    }
}
