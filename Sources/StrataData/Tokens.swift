/// A row of tokens, in memory or made from files as they are read.
///
/// Tokens of a long text take no memory: they are made again from the text's bytes whenever they
/// are read. Reading fails where a file is no longer as it was.
public struct Tokens: Sendable {
    private enum Content: Sendable {
        case array([Int32])
        case text(EncodedText)
    }

    private let content: Content
    /// The tokens of the content that are in the row.
    private let range: Range<Int>

    /// Creates a row of given tokens, which nobody checks.
    package init(_ tokens: [Int32]) {
        content = .array(tokens)
        range = tokens.indices
    }

    /// Creates a row of all tokens of a text.
    init(_ text: EncodedText) {
        content = .text(text)
        range = 0..<text.count
    }

    private init(_ content: Content, _ range: Range<Int>) {
        self.content = content
        self.range = range
    }

    /// How many tokens there are.
    public var count: Int { range.count }

    /// Whether there are none.
    public var isEmpty: Bool { range.isEmpty }

    /// The tokens at the given places from 0, as far as there are any; nil: all of them.
    ///
    /// - Throws: ``DataError``: `changed`, `missing` or `unreadable` for a file that is not as it
    ///   was when the text was loaded.
    public func array(_ places: Range<Int>? = nil) throws(DataError) -> [Int32] {
        let places = (places ?? 0..<count).clamped(to: 0..<count)
        var tokens = [Int32](repeating: 0, count: places.count)
        var scratch: [UInt8] = []
        var place = try place(of: places.lowerBound, scratch: &scratch)
        try tokens.withUnsafeMutableBufferPointer { tokens throws(DataError) in
            try read(at: &place, into: tokens, scratch: &scratch)
        }
        return tokens
    }

    /// A part of the row, which the row must have.
    subscript(_ places: Range<Int>) -> Tokens {
        Tokens(
            content, range.lowerBound + places.lowerBound..<range.lowerBound + places.upperBound)
    }

    /// The place in front of a token.
    func place(of token: Int, scratch: inout [UInt8]) throws(DataError) -> TokenPlace {
        switch content {
        case .array: TokenPlace(token: range.lowerBound + token, offset: 0)
        case .text(let text): try text.place(of: range.lowerBound + token, scratch: &scratch)
        }
    }

    /// Fills `numbers` with the tokens behind a place, which the row must have, and moves the
    /// place behind them.
    ///
    /// - Parameter scratch: memory for bytes, which grows to what is needed.
    func read(
        at place: inout TokenPlace, into numbers: UnsafeMutableBufferPointer<Int32>,
        scratch: inout [UInt8]
    ) throws(DataError) {
        switch content {
        case .array(let tokens):
            _ = numbers.update(
                fromContentsOf: tokens[place.token..<place.token + numbers.count])
            place.token += numbers.count
        case .text(let text): try text.read(at: &place, into: numbers, scratch: &scratch)
        }
    }
}
