import StrataTraining

/// Where the training of a ``Network`` stands after an update.
public struct TrainingProgress: Sendable {
    /// Updates done.
    public var step: Int
    /// Updates in the whole training, unless it stops early.
    public var totalSteps: Int
    /// The present pass over the data, from 1.
    public var epoch: Int
    /// The mean loss of this update's batch.
    public var loss: Double
    /// The norm of all gradients before clipping.
    public var gradientNorm: Double
    /// The mean loss of the whole pass, where one ended with this update.
    public var epochLoss: Double?
    /// The mean loss on the validation examples, where there are some and a pass ended.
    public var validationLoss: Double?
    /// The result: nil but in the last element of ``Network/training(on:validation:epochs:batchSize:threads:)``.
    public var trained: TrainedNetwork?
}
