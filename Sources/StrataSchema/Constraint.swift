/// A rule that a setting's value must satisfy, for messages and for JSON Schema alike.
public struct Constraint<Value: Sendable>: Sendable {
    /// The rule in words after "must be": "at least 1".
    public let rule: String
    let json: [ConfigValue.Pair]
    /// Nil for a value that satisfies the rule; otherwise what a message says after the value.
    let objection: @Sendable (Value) -> String?

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
        self.init(rule, json: json, objection: { isSatisfied($0) ? nil : "" })
    }

    private init(
        _ rule: String, json: [ConfigValue.Pair],
        objection: @escaping @Sendable (Value) -> String?
    ) {
        self.rule = rule
        self.json = json
        self.objection = objection
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

// Settings are calculated with in float32, so these rules hold for what is left of a number there.
extension Constraint where Value == Double {
    /// Any number that float32 holds.
    public static var finite: Self { Self("finite") { $0.isFinite }.inFloat32 }
    /// Greater than 0.
    public static var positive: Self {
        Self("greater than 0", json: [.init("exclusiveMinimum", 0)]) { $0 > 0 }.inFloat32
    }
    /// At least 0.
    public static var notNegative: Self {
        Self("at least 0", json: [.init("minimum", 0)]) { $0 >= 0 }.inFloat32
    }
    /// At least 0 and less than 1: a probability to drop, a momentum.
    public static var fraction: Self {
        Self(
            "at least 0 and less than 1",
            json: [.init("minimum", 0), .init("exclusiveMaximum", 1)]
        ) { $0 >= 0 && $0 < 1 }.inFloat32
    }
    /// From 0 to 1, both ends included.
    public static var share: Self {
        .init("from 0 to 1", json: [.init("minimum", 0), .init("maximum", 1)]) {
            $0 >= 0 && $0 <= 1
        }
    }

    /// The same rule for the number and for the float32 that it becomes, which is neither infinite
    /// nor, unless the number is, 0.
    private var inFloat32: Self {
        let objection = objection
        return Self(
            rule, json: json,
            objection: { value in
                if let reason = objection(value) { return reason }
                var rounded = Double(Float(value))
                // Smaller ones count as 0 in the kernels.
                if abs(rounded) < Double(Float.leastNormalMagnitude) { rounded = 0 }
                let isHeld = rounded.isFinite && (rounded == 0) == (value == 0)
                guard isHeld, objection(rounded) == nil else {
                    if rounded == 0 { return ", which is too small for float32" }
                    if !rounded.isFinite { return ", which is too large for float32" }
                    return ", which is \(ConfigValue.text(of: rounded)) in float32"
                }
                return nil
            })
    }
}

extension Constraint {
    /// The same rule for a value that may be absent.
    public func optional() -> Constraint<Value?> {
        let objection = objection
        return Constraint<Value?>(rule, json: json, objection: { $0.flatMap(objection) })
    }
}
