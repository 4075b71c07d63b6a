/// A place in the parser's input: line and code point, both counted from 0.
struct Mark {
    var line = 0
    var column = 0
}

/// One step of the parser through the text.
struct ParserEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    var kind: Kind
    var anchor: String?
    var tag: String?
    var start: Mark
    var end: Mark
}

/// Why the parser stopped.
struct ParserFailure: Error {
    enum Kind {
        /// The bytes are not text; `offset` says where.
        case encoding
        /// The text is not YAML; `mark` says where.
        case syntax
        case outOfMemory
    }

    var kind: Kind
    var problem: String
    var mark = Mark()
    var offset = 0
    /// The offending byte or character, or a negative number.
    var value = -1
    var context: String?
    var contextMark = Mark()
}
