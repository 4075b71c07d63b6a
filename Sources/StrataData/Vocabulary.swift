/// The tokens that a model knows, and their numbers.
///
/// A token's number is its index in ``tokens``.
public struct Vocabulary: Sendable {
    /// What text is cut into.
    public let kind: TokenKind
    /// The text of each token.
    ///
    /// Characters are sorted by scalar value; words by frequency, the most frequent first, and
    /// equally frequent ones by their UTF-8 bytes. The token that stands for unknown ones is last
    /// where `vocabulary_size` made it. Bytes above 127, which are no text alone, are written
    /// `<0x80>` to `<0xFF>`.
    public let tokens: [String]
    /// The number of the token that stands for all unknown ones, if there is one.
    public let unknown: Int?

    /// The text of the token that stands for unknown characters or words.
    public static let unknownText = "<unk>"
    /// Most tokens that a vocabulary may hold: 2^24.
    package static let largestCount = 16_777_216

    private let lookup: TokenLookup

    /// The 256 bytes.
    public static let bytes = Vocabulary(bytes: ())

    private init(bytes: Void) {
        kind = .bytes
        tokens = (0..<256).map { byte in
            byte < 128
                ? String(UnicodeScalar(UInt8(byte)))
                : "<0x" + String(byte, radix: 16, uppercase: true) + ">"
        }
        unknown = nil
        lookup = .bytes
    }

    /// Creates a vocabulary of characters or words.
    ///
    /// - Parameters:
    ///   - kind: what text is cut into; `bytes` allows only the tokens of ``bytes``.
    ///   - tokens: distinct texts; for characters one Unicode scalar each, for words without white
    ///     space, or a single newline.
    ///   - unknown: the index of the token that stands for unknown ones, whose text is free.
    /// - Throws: ``DataError`` of kind `invalid` or `tooLarge`.
    public init(kind: TokenKind, tokens: [String], unknown: Int? = nil) throws(DataError) {
        if kind == .bytes {
            guard unknown == nil, tokens.elementsEqual(Self.bytes.tokens) else {
                throw DataError(.invalid, "a vocabulary of bytes has 256 fixed tokens")
            }
            self = .bytes
            return
        }
        guard !tokens.isEmpty else { throw DataError(.invalid, "the vocabulary is empty") }
        guard tokens.count <= Self.largestCount else {
            throw DataError(
                .tooLarge, "\(tokens.count) distinct \(kind) are more than \(Self.largestCount)",
                hint: "keep the most frequent with 'vocabulary_size'")
        }
        if let unknown, !tokens.indices.contains(unknown) {
            throw DataError(
                .invalid, "token \(unknown) for unknown \(kind) is outside the vocabulary")
        }
        lookup = try TokenLookup(kind: kind, tokens: tokens, unknown: unknown)
        self.kind = kind
        self.tokens = tokens
        self.unknown = unknown
    }

    /// How many tokens there are (V).
    public var count: Int { tokens.count }

    /// The text of one token; an unknown number gives U+FFFD.
    ///
    /// Words and bytes in a row are better put together by ``TextDecoder``, which knows what goes
    /// between them.
    public func text(of token: Int32) -> String {
        let index = Int(token)
        return tokens.indices.contains(index) ? tokens[index] : "\u{FFFD}"
    }

    /// The text of tokens in a row, as ``TextDecoder`` puts it together.
    public func text(of tokens: some Sequence<Int32>) -> String {
        var decoder = TextDecoder(self)
        var text = ""
        for token in tokens { text += decoder.append(token) }
        return text + decoder.finish()
    }
}

extension Vocabulary: Equatable {
    /// Whether both have the same tokens, byte for byte, in the same order.
    public static func == (a: Self, b: Self) -> Bool {
        a.kind == b.kind && a.unknown == b.unknown && a.tokens.count == b.tokens.count
            && zip(a.tokens, b.tokens).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}

extension Vocabulary {
    /// The tokens of a text, such as a prompt.
    ///
    /// Unknown characters and words become the token ``unknown``, where there is one.
    ///
    /// - Throws: ``DataError`` of kind `unknownToken` that names the character or word, its
    ///   position counted from 1, and what the vocabulary has that is like it.
    public func encode(_ text: String) throws(DataError) -> [Int32] {
        // A copy with contiguous UTF-8: `withUTF8` may have to change its text.
        let bytes = ContiguousArray(text.utf8)
        var done = Encoding()
        let numbers = [Int32](unsafeUninitializedCapacity: bytes.count) { numbers, count in
            done = bytes.withUnsafeBufferPointer { encode($0, isEnd: true, into: numbers) }
            count = done.tokens
        }
        guard !done.isStuck else {
            throw unknownToken(
                UnknownText(bytes[done.bytes...], kind: kind, position: done.tokens + 1))
        }
        return numbers
    }

    /// Makes tokens from bytes until one of both comes to its end; see ``TokenLookup``.
    func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, isEnd: Bool,
        into numbers: UnsafeMutableBufferPointer<Int32>
    ) -> Encoding {
        lookup.encode(bytes, isEnd: isEnd, unknown: unknown, into: numbers)
    }

    private func unknownToken(_ failed: UnknownText) -> DataError {
        let noun = kind == .words ? "word" : "character"
        return DataError(
            .unknownToken,
            "the \(noun) \(failed.description) at position \(failed.position) is not in the "
                + "vocabulary",
            hint: failed.hint(for: self))
    }
}
