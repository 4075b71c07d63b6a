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
