/// A rule that a setting's value must satisfy, for messages and for JSON Schema alike.
public struct Constraint<Value: Sendable>: Sendable {
    /// The rule in words after "must be": "at least 1".
    public let rule: String
    let isSatisfied: @Sendable (Value) -> Bool
    let json: [ConfigValue.Pair]

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - rule: the words after "must be".
    ///   - json: the same rule in JSON Schema.
    ///   - isSatisfied: whether a value satisfies it.
    public init(
        _ rule: String, json: [ConfigValue.Pair] = [],
        _ isSatisfied: @escaping @Sendable (Value) -> Bool
    ) {
        self.rule = rule
        self.json = json
        self.isSatisfied = isSatisfied
    }
}

extension Constraint where Value == Int {
    /// A size: at least 1 and at most 2^24, so that products of sizes cannot overflow.
    public static var size: Self { .range(1...16_777_216) }
    /// At least 1.
    public static var positive: Self {
        .init("at least 1", json: [.init("minimum", 1)]) { $0 >= 1 }
    }
    /// At least 0.
    public static var notNegative: Self {
        .init("at least 0", json: [.init("minimum", 0)]) { $0 >= 0 }
    }
    /// Within a range, both ends included.
    public static func range(_ range: ClosedRange<Int>) -> Self {
        .init(
            "from \(range.lowerBound) to \(range.upperBound)",
            json: [
                .init("minimum", .int(range.lowerBound)), .init("maximum", .int(range.upperBound)),
            ]
        ) { range.contains($0) }
    }
}

extension Constraint where Value == Double {
    /// Greater than 0.
    public static var positive: Self {
        .init("greater than 0", json: [.init("exclusiveMinimum", 0)]) { $0 > 0 }
    }
    /// At least 0.
    public static var notNegative: Self {
        .init("at least 0", json: [.init("minimum", 0)]) { $0 >= 0 }
    }
    /// At least 0 and less than 1: a probability to drop, a momentum.
    public static var fraction: Self {
        .init(
            "at least 0 and less than 1",
            json: [.init("minimum", 0), .init("exclusiveMaximum", 1)]
        ) { $0 >= 0 && $0 < 1 }
    }
    /// From 0 to 1, both ends included.
    public static var share: Self {
        .init("from 0 to 1", json: [.init("minimum", 0), .init("maximum", 1)]) {
            $0 >= 0 && $0 <= 1
        }
    }
}

extension Constraint {
    /// The same rule for a value that may be absent.
    public func optional() -> Constraint<Value?> {
        let isSatisfied = isSatisfied
        return Constraint<Value?>(rule, json: json) { value in value.map(isSatisfied) ?? true }
    }
}
