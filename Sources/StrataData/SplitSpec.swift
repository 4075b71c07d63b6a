public import StrataSchema

/// How a text is divided: the beginning trains, the middle validates, the end tests.
public struct SplitSpec: Configurable, Hashable {
    /// The share that is trained on; greater than 0.
    public var train = 0.9
    /// The share that chooses the best checkpoint and stops early; may be 0.
    public var validation = 0.05
    /// The share kept for a final test; may be 0.
    public var test = 0.05

    /// Creates the split 0.9, 0.05, 0.05.
    public init() {}

    /// Creates a split; the shares must sum to 1.
    public init(train: Double, validation: Double, test: Double) {
        self.train = train
        self.validation = validation
        self.test = test
    }

    /// The three keys.
    public static let schema = Schema<Self>(
        "Shares of the data, taken in order; they sum to 1.",
        [
            .init(
                "train", \.train,
                .init(
                    "greater than 0 and at most 1",
                    json: [.init("exclusiveMinimum", 0), .init("maximum", 1)]
                ) { $0 > 0 && $0 <= 1 },
                doc: "Share that is trained on."),
            .init("validation", \.validation, .share, doc: "Share that is validated on; may be 0."),
            .init("test", \.test, .share, doc: "Share kept for a final test; may be 0."),
        ])

    /// Checks that the shares sum to 1 within 1e-6.
    public func validate(_ context: inout DecodingContext, at location: SourceLocation?) {
        let sum = train + validation + test
        guard abs(sum - 1) > 1e-6 else { return }
        let shown = ConfigValue.text(of: (sum * 1e6).rounded() / 1e6)
        context.report(
            .conflict, "train, validation and test must sum to 1, not \(shown)",
            at: location,
            hint: "\(train), \(validation) and \(test) were given or are the defaults\(remedy)")
    }

    /// The share to train on that goes with the others, if there is one.
    private var remedy: String {
        let rest = ((1 - validation - test) * 1e6).rounded() / 1e6
        return rest > 0 ? "; train: \(ConfigValue.text(of: rest)) would make it 1" : ""
    }

    /// Where validation and test begin in `count` tokens; a part without a share is empty.
    func boundaries(of count: Int) -> (validation: Int, test: Int) {
        // 0.6 + 0.3 is less than 0.9 in binary; the small term keeps 200 tokens from losing one.
        func end(of share: Double) -> Int { min(count, Int(Double(count) * share + 1e-6)) }
        let testStart = test > 0 ? end(of: train + validation) : count
        return (validation > 0 ? min(testStart, end(of: train)) : testStart, testStart)
    }
}
