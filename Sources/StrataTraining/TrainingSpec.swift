public import StrataGraph
public import StrataSchema

/// The key `training`: how long, how fast and with what care a network is trained.
public struct TrainingSpec: Configurable {
    /// Passes over the training data.
    public var epochs = 10
    /// Updates after which training ends even within an epoch; nil: no limit.
    public var maximumSteps: Int?
    /// Steps that gradients flow back through; nil: the data's `sequence_length`.
    public var truncateBPTT: Int?
    /// Whether recurrent state goes on from one window of a stream to the next.
    public var carryState = true
    /// How parameters follow their gradients.
    public var optimizer = OptimizerSpec(Adam())
    /// What products multiply; float32 where the processor is slow at bfloat16.
    public var precision = Precision.float32
    /// Limits of the gradients.
    public var clip = ClipSpec()
    /// L1 penalty on weights, added to the gradient as l1 · sign(w).
    public var l1 = 0.0
    /// L2 penalty on weights, added to the gradient as l2 · w.
    public var l2 = 0.0
    /// The share of each weight, times the rate, that a step takes away.
    public var weightDecay = 0.0
    /// When to stop before the last epoch.
    public var earlyStopping: EarlyStoppingSpec?
    /// How often and how many checkpoints are kept.
    public var checkpoints = CheckpointSpec()
    /// Steps between two lines of metrics.
    public var logEvery = 50

    public init() {}

    public static let schema = Schema<Self>(
        "How long, how fast and with what care a network is trained.",
        [
            .init("epochs", \.epochs, .range(1...1_000_000), doc: "Passes over the training data."),
            .init(
                "maximum_steps", \.maximumSteps, Constraint<Int>.positive.optional(),
                doc: "Updates after which training ends even within an epoch."),
            .init(
                "truncate_bptt", \.truncateBPTT, Constraint<Int>.size.optional(),
                doc: "Steps that gradients flow back through; unset: the data's `sequence_length`."),
            .init(
                "carry_state", \.carryState,
                doc: "Whether recurrent state goes on from one window of a stream to the next; "
                    + "false: every `sequence_length` steps it starts from zero."),
            .init("optimizer", \.optimizer, doc: "How parameters follow their gradients."),
            .init(
                "precision", \.precision,
                doc:
                    "What products multiply: numbers as they are, or rounded to bfloat16 where the "
                    + "processor is fast at it."),
            .init("clip", \.clip, doc: "Limits of the gradients."),
            .init("l1", \.l1, .notNegative, doc: "L1 penalty on weights."),
            .init("l2", \.l2, .notNegative, doc: "L2 penalty on weights."),
            .init(
                "weight_decay", \.weightDecay, .notNegative,
                doc: "The share of each weight, times the rate, that a step takes away."),
            .init("early_stopping", \.earlyStopping, doc: "When to stop before the last epoch."),
            .init("checkpoints", \.checkpoints, doc: "How often and how many are kept."),
            .init(
                "log_every", \.logEvery, .positive, doc: "Steps between two lines of metrics."),
        ])
}

/// The key `clip`: limits of the gradients, applied in the order norm, value.
public struct ClipSpec: Configurable {
    /// Gradients are scaled down together so that their norm is at most this.
    public var norm: Double?
    /// Each gradient is kept within plus and minus this.
    public var value: Double?

    public init() {}

    /// Creates limits.
    public init(norm: Double? = nil, value: Double? = nil) {
        self.norm = norm
        self.value = value
    }

    public static let schema = Schema<Self>(
        "Limits of the gradients.",
        [
            .init(
                "norm", \.norm, Constraint<Double>.positive.optional(),
                doc: "All gradients are scaled down together so that their norm is at most this."),
            .init(
                "value", \.value, Constraint<Double>.positive.optional(),
                doc: "Each gradient is kept within plus and minus this."),
        ])
}

/// The key `early_stopping`: when validation no longer improves.
public struct EarlyStoppingSpec: Configurable {
    /// Epochs without improvement after which training stops.
    public var patience = 3
    /// By how much the validation loss must fall to count as better.
    public var minimumImprovement = 0.0

    public init() {}

    public static let schema = Schema<Self>(
        "When to stop before the last epoch.",
        [
            .init("patience", \.patience, .positive, doc: "Epochs without improvement to wait."),
            .init(
                "minimum_improvement", \.minimumImprovement, .notNegative,
                doc: "By how much the validation loss must fall to count as better."),
        ])
}

/// The key `checkpoints`.
public struct CheckpointSpec: Configurable {
    /// Steps between two checkpoints within an epoch; nil: only at the ends of epochs.
    public var every: Int?
    /// How many of the newest are kept, besides the best.
    public var keep = 3

    public init() {}

    public static let schema = Schema<Self>(
        "How often checkpoints are written and how many are kept.",
        [
            .init(
                "every", \.every, Constraint<Int>.positive.optional(),
                doc: "Steps between two checkpoints; unset: only at the ends of epochs."),
            .init("keep", \.keep, .range(1...10_000), doc: "How many of the newest are kept."),
        ])
}

/// The key `generate`: the sample that a run prints.
public struct GenerateSpec: Configurable {
    /// Tokens to generate.
    public var length = 300
    /// 1: as learned; lower: safer; 0: always the likeliest.
    public var temperature = 0.8
    /// The text that the sample continues.
    public var prompt = ""
    /// How weights are read; nil: as they were trained.
    public var weights: WeightPrecision?

    public init() {}

    public static let schema = Schema<Self>(
        "The sample that a run prints.",
        [
            .init("length", \.length, .range(0...10_000_000), doc: "Tokens to generate."),
            .init(
                "temperature", \.temperature, .notNegative,
                doc: "1: as learned; lower: safer; 0: always the likeliest."),
            .init("prompt", \.prompt, doc: "The text that the sample continues."),
            .init(
                "weights", \.weights,
                doc:
                    "How weights are read: as they are, or rounded, which is faster; unset: as they "
                    + "were trained."),
        ])
}
