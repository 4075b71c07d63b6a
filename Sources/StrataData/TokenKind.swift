public import StrataSchema

/// What a text is cut into.
public enum TokenKind: String, ConfigChoice, Hashable {
    /// Unicode scalars; a carriage return and a newline are two, as are a letter and its
    /// combining accent.
    case characters
    /// The bytes of the file, whatever they mean; always 256 tokens.
    case bytes
    /// Runs of text between white space, and each newline as a token of its own.
    case words
}
