package import StrataData

extension TrainingSpec {
    /// Steps of a window (T) on data whose sequences have a given length.
    package func windowSteps(sequenceLength: Int) -> Int { truncateBPTT ?? sequenceLength }

    /// Updates of a whole run.
    package func totalSteps(windowsPerEpoch: Int) -> Int {
        let (steps, overflow) = epochs.multipliedReportingOverflow(by: windowsPerEpoch)
        return min(overflow ? .max : steps, maximumSteps ?? .max)
    }
}

extension TokenDataset {
    /// Windows over some of the dataset's tokens, cut as a training spec says.
    ///
    /// ``RunCheck/windows(_:sequenceLength:)`` comes first.
    ///
    /// - Parameter isWhole: whether every token takes part, with a mask at the ends (for
    ///   evaluation).
    package func windows(
        _ tokens: Tokens, _ training: TrainingSpec, isWhole: Bool
    ) -> TokenWindows {
        TokenWindows(
            tokens: tokens, vocabulary: vocabulary.count,
            steps: training.windowSteps(sequenceLength: sequenceLength), batch: batchSize,
            isWhole: isWhole, resetEvery: training.carryState ? nil : sequenceLength)
    }
}
