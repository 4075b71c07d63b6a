package import StrataData
package import StrataGraph
package import StrataRuntime

/// Windows of data in a fixed order, written straight into an executor's memory.
package protocol BatchSource: Sendable {
    /// What the network reads.
    var input: TensorSpec { get }
    /// What its losses compare with.
    var target: TargetSpec { get }
    /// Steps of a window (T).
    var steps: Int { get }
    /// Sequences side by side (B).
    var batch: Int { get }
    /// Windows in one pass over the data.
    var count: Int { get }
    /// Whether recurrent state starts from zero at a window.
    func startsStream(_ window: Int) -> Bool
    /// Writes a window's inputs, targets and, if some rows are padding, the mask.
    ///
    /// - Returns: whether the window is masked.
    /// - Throws: `DataError` where the data are not as they were when training began.
    func fill(_ window: Int, epoch: Int, into executor: Executor) throws(DataError) -> Bool
}
