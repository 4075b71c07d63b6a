import Foundation
public import StrataFormats
public import StrataGraph

/// What a training run tells while it goes on.
public enum RunEvent: Sendable {
    /// The data are read and the network is compiled.
    case ready(RunSummary)
    /// The processor is slow at the precision that was asked for, so float32 is used.
    case slowPrecision(Precision)
    /// The run goes on from a checkpoint, after steps done earlier.
    case resumed(step: Int, path: String)
    /// A checkpoint was broken and is passed over.
    case skipped(FormatError)
    /// An update was done.
    case step(StepProgress)
    /// A pass over the data has ended.
    case epoch(EpochReport)
    /// A checkpoint is on the disk; told between two steps, at the latest before the next
    /// checkpoint, the next report of a pass, and the end.
    case checkpoint(path: String)
    /// Old files could not be removed; the run is not hurt.
    case warning(FormatError)
    /// A text was generated.
    case sample(String)
}

/// What a run is about to do.
public struct RunSummary: Sendable {
    /// Numbers in all parameters.
    public var parameterCount: Int
    /// Tokens to train, validate and test on.
    public var tokens: (train: Int, validation: Int, test: Int)
    /// Different tokens V.
    public var vocabularyCount: Int
    /// Updates in one pass over the data.
    public var stepsPerEpoch: Int
    /// Passes that are asked for.
    public var epochs: Int
    /// Workers.
    public var threads: Int
    /// How many were allowed; fewer suffice for a network too small to share, or where there are fewer cores.
    public var threadLimit: Int
    /// The instruction set whose bits the kernels compute in this precision.
    public var kernels: String
    /// What products multiply.
    public var precision: Precision
}

/// Where a run stands after an update.
public struct StepProgress: Sendable {
    /// Updates done.
    public var step: Int
    /// Updates in the whole run.
    public var totalSteps: Int
    /// The present pass, from 1.
    public var epoch: Int
    /// The mean loss of this update's window, in nats per token.
    public var loss: Double
    /// The norm of all gradients before clipping.
    public var gradientNorm: Double
    /// Tokens trained on in this update.
    public var tokens: Int
}

/// What one pass over the data achieved.
public struct EpochReport: Sendable {
    /// The pass, from 1.
    public var epoch: Int
    /// Updates done.
    public var step: Int
    /// The mean loss of the pass, in nats per token.
    public var trainLoss: Double
    /// The loss on the validation part, in nats per token; nil: there is none.
    public var validationLoss: Double?
    /// Whether the validation loss is the lowest so far.
    public var isBest: Bool

    /// exp(loss): among how many tokens the network is as undecided as among equals.
    public var perplexity: Double? { validationLoss.map { exp($0) } }
    /// loss / ln 2: bits to write one token.
    public var bitsPerToken: Double? { validationLoss.map { $0 / 0.6931471805599453 } }
}

/// How a run ended.
public enum RunResult: Sendable, Hashable {
    /// All passes are done.
    case completed
    /// Validation no longer improved.
    case stoppedEarly
    /// It was asked to stop and saved a checkpoint after this step.
    case interrupted(step: Int)
    /// Everything had been done before, up to a limit.
    case alreadyCompleted(RunLimit)
}

/// What ends a run.
public enum RunLimit: Sendable, Hashable {
    /// `training.epochs`: all passes are done.
    case epochs
    /// `training.maximum_steps`: all updates are done.
    case maximumSteps
    /// `training.early_stopping`: validation no longer improved.
    case earlyStopping
}
