/// Tokens to train, validate and test on, ready for ``StreamBatcher``.
public struct TokenDataset: Sendable {
    /// What the tokens mean.
    public let vocabulary: Vocabulary
    /// The tokens to train on; long enough for one window of every stream.
    public let train: Tokens
    /// The tokens that follow, to validate on; may be empty.
    public let validation: Tokens
    /// The tokens at the end, to test on; may be empty.
    public let test: Tokens
    /// Sixteen hexadecimal digits that change with the tokens, their parts or the vocabulary.
    ///
    /// A resumed run compares them to notice that its data changed. They do not depend on names or
    /// places of files.
    public let fingerprint: String
    /// The files that the tokens came from, as the configuration names them, in order.
    public let sources: [String]
    /// Streams that are trained side by side (B).
    public let batchSize: Int
    /// Time steps of one window of a stream (T).
    public let sequenceLength: Int

    /// Creates a dataset from tokens.
    ///
    /// - Throws: ``DataError``: `invalid` for a token outside the vocabulary or sizes below 1,
    ///   `tooShort` where `train` has fewer than B · (T + 1) tokens.
    public init(
        vocabulary: Vocabulary, train: [Int32], validation: [Int32] = [], test: [Int32] = [],
        sources: [String] = [], batchSize: Int, sequenceLength: Int
    ) throws(DataError) {
        let known = 0..<Int32(vocabulary.count)
        for part in [train, validation, test] where !part.allSatisfy(known.contains) {
            throw DataError(
                .invalid, "a token is outside the vocabulary of \(vocabulary.count)")
        }
        try self.init(
            vocabulary: vocabulary, train: Tokens(train), validation: Tokens(validation),
            test: Tokens(test), sources: sources, batchSize: batchSize,
            sequenceLength: sequenceLength)
    }

    /// Creates a dataset from tokens that are all in the vocabulary.
    init(
        vocabulary: Vocabulary, train: Tokens, validation: Tokens, test: Tokens,
        sources: [String], batchSize: Int, sequenceLength: Int
    ) throws(DataError) {
        let sizes = 1...Vocabulary.largestCount
        guard sizes.contains(batchSize), sizes.contains(sequenceLength) else {
            throw DataError(
                .invalid,
                "batch_size \(batchSize) and sequence_length \(sequenceLength) must be from 1 to "
                    + "\(sizes.upperBound)")
        }
        guard train.count >= batchSize * (sequenceLength + 1) else {
            let total = train.count + validation.count + test.count
            throw Self.tooShort(train.count, of: total, batchSize, sequenceLength)
        }
        self.vocabulary = vocabulary
        self.train = train
        self.validation = validation
        self.test = test
        self.sources = sources
        self.batchSize = batchSize
        self.sequenceLength = sequenceLength

        var print = Fingerprint()
        for part in [train, validation, test] { try print.add(part) }
        print.add(vocabulary.kind.rawValue)
        print.add(UInt64(bitPattern: Int64(vocabulary.unknown ?? -1)))
        for token in vocabulary.tokens { print.add(token) }
        fingerprint = print.hex
    }

    private static func tooShort(
        _ count: Int, of total: Int, _ batchSize: Int, _ sequenceLength: Int
    ) -> DataError {
        let streams = count / (sequenceLength + 1)
        let steps = count / batchSize - 1
        let fitting =
            if streams > 0 {
                "'batch_size: \(streams)' fits, or lower 'sequence_length'"
            } else if steps > 0 {
                "'sequence_length: \(steps)' fits, or lower 'batch_size'"
            } else {
                "lower 'batch_size' and 'sequence_length'"
            }
        return DataError(
            .tooShort,
            "too little text: \(count) of its \(total) tokens are for training, but "
                + "batch_size \(batchSize) with sequence_length \(sequenceLength) needs "
                + "\(batchSize * (sequenceLength + 1))",
            hint: fitting + ", or add text")
    }
}
