public import StrataSchema

/// Text files as one stream of tokens, for language models.
///
/// The files are joined in the order of `path`, the matches of one pattern in the order of their
/// bytes; a newline goes between two files where the first does not end in one. A file that is
/// named more than once, also through a link, is taken once.
///
/// ## Patterns
/// `*` stands for any part of a name, `?` for one character, and `**` between slashes for any
/// number of folders. Hidden files and folders (whose name starts with a dot) match only where the
/// pattern writes the dot. `**` does not enter linked folders. A path that exists is never a
/// pattern.
///
/// ## Tokens
/// - `characters`: Unicode scalars of UTF-8 text. Nothing is normalised: CRLF stays two characters.
/// - `bytes`: the bytes of the files; 256 tokens.
/// - `words`: runs of text between white space (Unicode's White_Space property), case and
///   punctuation kept. Each newline (U+000A) is a token; all other white space, the carriage return
///   included, only separates. When text is put together again, one space goes between two words.
///
/// A byte order mark at the start of a file is dropped, except for `bytes`.
///
/// The vocabulary comes from the whole text, so validation and test hold no unknown tokens other
/// than those that `vocabulary_size` makes.
public struct TextData: DataSource, Hashable {
    /// Files and patterns, relative to the folder of the configuration file.
    public var path: [String] = []
    /// What the text is cut into.
    public var tokens = TokenKind.characters
    /// Most tokens in the vocabulary, `<unk>` included; nil: all tokens of the text.
    public var vocabularySize: Int?
    /// Time steps of one window (T).
    public var sequenceLength = 100
    /// Streams that are trained side by side (B).
    public var batchSize = 32
    /// How the tokens are divided.
    public var split = SplitSpec()

    /// Creates a source that still lacks its `path`.
    public init() {}

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - path: files and patterns.
    ///   - tokens: what the text is cut into.
    ///   - vocabularySize: most tokens in the vocabulary, at least 2; the rarest become `<unk>`.
    ///   - sequenceLength: time steps of one window.
    ///   - batchSize: streams that are trained side by side.
    ///   - split: how the tokens are divided.
    public init(
        path: [String], tokens: TokenKind = .characters, vocabularySize: Int? = nil,
        sequenceLength: Int = 100, batchSize: Int = 32, split: SplitSpec = SplitSpec()
    ) {
        self.path = path
        self.tokens = tokens
        self.vocabularySize = vocabularySize
        self.sequenceLength = sequenceLength
        self.batchSize = batchSize
        self.split = split
    }

    /// The name in YAML: `text`.
    public static let type = "text"

    /// The keys.
    public static let schema = Schema<Self>(
        "Text files as one stream of characters, bytes or words.",
        [
            .init(
                "path", \.path, .paths, required: true,
                doc: "Files and patterns (`*`, `?`, `**`), relative to this configuration file."),
            .init("tokens", \.tokens, doc: "What the text is cut into."),
            .init(
                "vocabulary_size", \.vocabularySize,
                Constraint<Int>.range(2...Vocabulary.largestCount).optional(),
                doc: "Size of the vocabulary with `<unk>`, which stands for all but the most "
                    + "frequent."),
            .init(
                "sequence_length", \.sequenceLength, .size, doc: "Time steps of one window."),
            .init(
                "batch_size", \.batchSize, .size,
                doc: "Streams that are trained side by side."),
            .init("split", \.split, doc: "Shares that train, validate and test, in this order."),
        ])

    /// Checks each path, and that `vocabulary_size` does not stand beside `tokens: bytes`.
    public func validate(_ context: inout DecodingContext, at location: SourceLocation?) {
        for (index, path) in path.enumerated() where path.isEmpty || path.utf8.contains(0) {
            let problem = path.isEmpty ? "a path cannot be empty" : "a path cannot hold NUL"
            context.descend(into: "path") {
                $0.descend(into: String(index)) { $0.report(.outOfRange, problem, at: nil) }
            }
        }
        guard tokens == .bytes, vocabularySize != nil else { return }
        context.report(
            .conflict, "'vocabulary_size' does not go with 'tokens: bytes'", at: location,
            hint: "there are always 256 bytes")
    }

    public mutating func resolvePaths(_ resolve: (String) -> String) {
        path = path.map(resolve)
    }

    /// Reads the files once, to check them and to make the vocabulary.
    ///
    /// At most 100 000 files and 1 TiB of text are taken. Up to 32 MiB stay in memory; the tokens
    /// of a longer text are read from its files when they are needed, so the files must stay as
    /// they are. The training part must hold B · (T + 1) tokens.
    ///
    /// - Throws: ``DataError`` that names the file or pattern, and for bad contents the byte offset.
    public func load(relativeTo folder: String) throws(DataError) -> TokenDataset {
        try load(relativeTo: folder, limits: ReadLimits())
    }

    /// Reads the text with other limits than the standard ones.
    package func load(
        relativeTo folder: String, limits: ReadLimits
    ) throws(DataError) -> TokenDataset {
        try checkSettings()
        let files = try FileFinder(folder: folder, limits: limits).files(matching: path)
        let text = try TextReader(isUTF8: tokens != .bytes, limits: limits).join(files)
        let (vocabulary, tokens) = try Tokenizer(kind: tokens, vocabularySize: vocabularySize)
            .tokenize(text)
        let (validation, test) = split.boundaries(of: tokens.count)
        return try TokenDataset(
            vocabulary: vocabulary, train: tokens[0..<validation],
            validation: tokens[validation..<test], test: tokens[test..<tokens.count],
            sources: files.map(\.name), batchSize: batchSize, sequenceLength: sequenceLength)
    }

    /// Holds values made in Swift to the same rules as those from a file.
    private func checkSettings() throws(DataError) {
        var context = DecodingContext()
        let decoded = Self.decode(
            config.node, &context, ignoring: ["type"], subject: "data source 'text'", defaults: [])
        if decoded == nil {
            let problems = context.diagnostics.map(\.description)
            throw DataError(.invalid, problems.joined(separator: "; "))
        }
    }
}

extension Constraint where Value == [String] {
    fileprivate static var paths: Self {
        .init("at least one path", json: [.init("minItems", 1), .init("minLength", 1)]) {
            !$0.isEmpty
        }
    }
}
