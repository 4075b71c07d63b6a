package import StrataData
package import StrataGraph
package import StrataRuntime

/// Windows of token streams: the input is a token, the target the next one.
package struct TokenWindows: BatchSource {
    package let input: TensorSpec
    package let target: TargetSpec
    package let steps: Int
    package let batch: Int
    package let count: Int
    private let streams: StreamBatcher
    private let windowsPerReset: Int?

    /// Cuts tokens into windows of T steps for B streams.
    ///
    /// - Parameters:
    ///   - isWhole: whether every token takes part, with a mask at the ends (for evaluation).
    ///   - resetEvery: steps after which state starts from zero again; nil: only at the start.
    package init(
        tokens: Tokens, vocabulary: Int, steps: Int, batch: Int, isWhole: Bool, resetEvery: Int?
    ) {
        input = TensorSpec(features: vocabulary, values: .tokens)
        target = .classes(vocabulary)
        self.steps = steps
        self.batch = batch
        streams = StreamBatcher(
            tokens: tokens, batch: batch, steps: steps, remainder: isWhole ? .padded : .dropped)
        count = isWhole ? streams.chunkCountWithRemainder : streams.chunkCount
        windowsPerReset = resetEvery.map { max(1, $0 / steps) }
    }

    package func startsStream(_ window: Int) -> Bool {
        window % (windowsPerReset ?? max(1, count)) == 0
    }

    package func fill(_ window: Int, epoch: Int, into executor: Executor) throws(DataError) -> Bool
    {
        guard let inputs = executor.tokens(ofInput: 0),
            let loss = executor.losses.values.first
        else { return false }
        _ = try streams.fill(chunk: window, inputs: inputs, targets: loss.classes)
        for other in executor.losses.values where other !== loss {
            _ = other.classes.update(fromContentsOf: loss.classes)
        }
        var isMasked = false
        let mask = executor.mask
        for row in inputs.indices {
            let counts = inputs[row] >= 0
            mask[row] = counts ? 1 : 0
            if !counts { isMasked = true }
        }
        return isMasked
    }
}
