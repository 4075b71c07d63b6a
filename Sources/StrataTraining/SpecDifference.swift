package import StrataSchema

/// What differs between the settings of a run folder and those of a new start.
package enum SpecDifference {
    /// Settings that may change between a stop and its resumption without changing the results so
    /// far; a path stands for everything below it.
    private static let changeable: Set<String> = [
        "name", "generate", "training.epochs", "training.maximum_steps",
        "training.early_stopping", "training.checkpoints", "training.log_every",
        // The data's contents are compared by their fingerprint.
        "data.path",
        // What counts is the precision that was used, which checkpoints name.
        "training.precision",
    ]

    /// One line for each setting that differs: "training.optimizer.learning_rate was 0.01, is 0.1".
    package static func lines(before: ConfigValue, now: ConfigValue) -> [String] {
        differences(before, now, path: [])
    }

    private static func differences(_ a: ConfigValue?, _ b: ConfigValue?, path: [String])
        -> [String]
    {
        guard a?.canonical != b?.canonical, !changeable.contains(path.dotted) else { return [] }
        guard let left = a?.pairs, let right = b?.pairs else {
            return ["\(path.dotted) was \(text(a)), is \(text(b))"]
        }
        let keys =
            left.map(\.key) + right.map(\.key).filter { key in !left.contains { $0.key == key } }
        let lines = keys.flatMap { differences(a?[$0], b?[$0], path: path + [$0]) }
        if lines.isEmpty, left.map(\.key) != right.map(\.key), path.last == "layers" {
            return ["\(path.dotted) has another order"]
        }
        return lines
    }

    private static func text(_ value: ConfigValue?) -> String {
        guard let value else { return "absent" }
        return value == .null ? "unset" : value.json().shown
    }
}

extension ConfigValue {
    /// The value with whole doubles as integers, which JSON does not tell apart.
    fileprivate var canonical: String { json() }
}
