/// All that the rest of the program needs to know of a layer with given inputs.
public struct LayerPlan: Sendable {
    /// The output's shape.
    public var output: TensorSpec
    /// Parameters in the order in which they are stored.
    public var parameters: [ParameterSpec]
    /// States carried from one window to the next.
    public var states: [StateSpec]
    /// Memory besides inputs, output and parameters.
    public var buffers: [BufferSpec]
    /// What `backward` reads besides its own buffers and the output's gradient.
    public var backwardReads: Set<BackwardRead>
    /// Floating-point operations of `forward` for one row.
    ///
    /// Backward counts as many for the gradients of parameters, and as many for the gradients of
    /// inputs and earlier steps.
    public var flopsPerRow: Int
    /// The part of ``flopsPerRow`` that reads the input: backward leaves it out where nobody needs
    /// the input's gradient.
    public var inputFlopsPerRow: Int
    /// Whether a gradient can flow to the input at all (not through a token look-up).
    public var passesGradient: Bool
    /// How many different rows the output can have, each named by a token of the input; nil: any.
    public var distinctRows: Int?
    /// How many rows `loss` goes through at a time, at most; nil: all of a window at once.
    public var blockRows: Int?

    /// Creates a plan; a layer without parameters, state or buffers needs only its output.
    ///
    /// - Parameter inputFlopsPerRow: nil: all of `flopsPerRow`, as for any layer that has no state.
    public init(
        output: TensorSpec, parameters: [ParameterSpec] = [], states: [StateSpec] = [],
        buffers: [BufferSpec] = [], backwardReads: Set<BackwardRead> = [], flopsPerRow: Int = 0,
        inputFlopsPerRow: Int? = nil, passesGradient: Bool = true, distinctRows: Int? = nil,
        blockRows: Int? = nil
    ) {
        self.output = output
        self.parameters = parameters
        self.states = states
        self.buffers = buffers
        self.backwardReads = backwardReads
        self.flopsPerRow = flopsPerRow
        self.inputFlopsPerRow = inputFlopsPerRow ?? flopsPerRow
        self.passesGradient = passesGradient
        self.distinctRows = distinctRows
        self.blockRows = blockRows
    }

    /// The part of ``flopsPerRow`` that reads the step before.
    package var recurrentFlopsPerRow: Int { flopsPerRow - inputFlopsPerRow }

    /// How many numbers the parameters have together.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }
}

/// A tensor that `backward` reads and the memory plan therefore keeps.
public enum BackwardRead: Hashable, Sendable {
    /// The layer's inputs.
    case input
    /// The layer's output.
    case output
}

/// A [B, features] value that a layer carries from one window of a stream to the next.
public struct StateSpec: Hashable, Sendable {
    /// Where the value for the next window stands after a forward pass: the last step of it.
    public enum Source: Hashable, Sendable {
        /// The layer's output.
        case output
        /// The layer's workspace buffer of this index.
        ///
        /// Where a plan lacks it, since it serves backward alone, forward leaves the value in the
        /// state itself, whose old value nobody needs then.
        case buffer(Int)
    }

    /// The name within the layer: `h`, `c`.
    public var name: String
    /// Values per sequence of the batch.
    public var features: Int
    /// Where the next window's value comes from.
    public var source: Source

    /// Creates a spec.
    public init(_ name: String, features: Int, source: Source) {
        self.name = name
        self.features = features
        self.source = source
    }
}

/// Memory that a layer asks for.
public struct BufferSpec: Hashable, Sendable {
    /// How long the contents must last.
    public enum Lifetime: Hashable, Sendable {
        /// Written by `prepare` when parameters changed, read in every run: packed weights.
        case prepared
        /// The same, read only where gradients are computed: plans that do not train lack it.
        case preparedForBackward
        /// The same, read only for an input's gradient: plans in which nobody needs that lack it.
        case preparedForInputGradient
        /// Written by forward, read by backward.
        case workspace
        /// The same, but forward does without it where gradients are not computed: plans that do not
        /// train lack it.
        case workspaceForBackward
        /// Used within forward only.
        case forwardScratch
        /// Used while gradients are computed only: within backward or a loss layer's loss.
        case backwardScratch
        /// Used within loss only.
        case lossScratch

        /// Whether `prepare` writes it, so that it lasts from run to run.
        package var isPrepared: Bool {
            [.prepared, .preparedForBackward, .preparedForInputGradient].contains(self)
        }

        /// Whether it is there for gradients alone.
        package var servesGradientsOnly: Bool {
            [
                .preparedForBackward, .preparedForInputGradient, .workspaceForBackward,
                .backwardScratch,
            ].contains(self)
        }
    }

    /// The name for plans and messages.
    public var name: String
    /// How long the contents must last.
    public var lifetime: Lifetime
    /// Floats for each row (T·B of a sequence).
    public var perRow: Int
    /// Floats for each row of one block (``LayerPlan/blockRows``).
    public var perBlockRow: Int
    /// Floats for each sequence of the batch.
    public var perBatch: Int
    /// Floats in any case, but for plans in bfloat16.
    public var fixed: Int
    /// The same where the plan's precision is bfloat16.
    public var fixedInPairs: Int
    /// The only precision in which it is needed; nil: in any.
    public var precision: Precision?

    /// Creates a spec of `perRow`·T·B + `perBlockRow`·rows of a block + `perBatch`·B + `fixed`
    /// floats.
    ///
    /// - Parameter fixedInPairs: nil: as many as `fixed`.
    public init(
        _ name: String, _ lifetime: Lifetime, perRow: Int = 0, perBlockRow: Int = 0,
        perBatch: Int = 0, fixed: Int = 0, fixedInPairs: Int? = nil, precision: Precision? = nil
    ) {
        self.name = name
        self.lifetime = lifetime
        self.perRow = perRow
        self.perBlockRow = perBlockRow
        self.perBatch = perBatch
        self.fixed = fixed
        self.fixedInPairs = fixedInPairs ?? fixed
        self.precision = precision
    }

    /// Whether a plan in this precision has it: not where it would be empty.
    package func isNeeded(in used: Precision) -> Bool {
        (precision ?? used) == used && perRow + perBlockRow + perBatch + fixed > 0
    }

    /// Floats for so many rows, of which one block has `blockRows`, and a batch of B.
    package func count(rows: Int, blockRows: Int, batch: Int, in used: Precision) -> Int {
        perRow * rows + perBlockRow * blockRows + perBatch * batch
            + (used == .bfloat16 ? fixedInPairs : fixed)
    }
}
