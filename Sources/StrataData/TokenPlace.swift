/// A place between two tokens of a row.
struct TokenPlace: Sendable {
    /// The token that follows.
    var token: Int
    /// Where it starts among the bytes that tokens are made of, or white space in front of it.
    var offset: Int
}
