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
        let location = locator.location(at: failure.mark)
        let character = locator.character(at: failure.mark)
        if character == "\t", failure.problem.contains("cannot start any token") {
            return Diagnostic(
                .syntax, "a tab cannot indent a line", at: location, hint: "use spaces")
        }
        var notes: [Note] = []
        let context = failure.context.map(inWords)
        let isElsewhere =
            failure.contextMark.line != failure.mark.line
            || failure.contextMark.column != failure.mark.column
        if let context, isElsewhere {
            notes.append(.init(context, at: locator.location(at: failure.contextMark)))
        }
        let start = locator.character(at: failure.contextMark)
        return Diagnostic(
            .syntax, inWords(failure.problem), at: location,
            hint: hint(for: failure, at: character, from: start), notes: notes)
    }

    private static func inWords(_ problem: String) -> String {
        switch problem {
        case "mapping values are not allowed in this context":
            "a ': ' cannot stand here"
        case "could not find expected ':'": "there is no ':' after this key"
        case "found character that cannot start any token":
            "this character cannot begin a value"
        case "found unexpected end of stream", "found unexpected document indicator":
            "the text ends before this is closed"
        case "did not find expected <document start>": "this does not belong to what is above"
        case "did not find expected key", "did not find expected '-' indicator":
            problem + "; is the indentation right?"
        default: problem
        }
    }

    private static func hint(
        for failure: ParserFailure, at character: Character?, from start: Character?
    ) -> String? {
        switch failure.problem {
        case "mapping values are not allowed in this context":
            return "indent settings alike, and quote text that contains ': '"
        case "could not find expected ':'":
            return "a setting is 'key: value', on one line of its own"
        case "found character that cannot start any token":
            return character.map { "quote text that begins with '\($0)'" }
        case "found unexpected end of stream":
            return "is a quote missing?"
        default: break
        }
        let context = failure.context ?? ""
        for name in ["alias", "anchor", "tag", "directive"] where context.contains(name) {
            return start.map { "quote text that begins with '\($0)'" }
        }
        return nil
    }
}
