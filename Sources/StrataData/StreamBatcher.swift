import Synchronization

/// Cuts one row of tokens into B streams of equal length, and those into chunks of T steps.
///
/// With N tokens, stream b reads the tokens from `b * n` on, and its target at each step is the
/// next token. Streams run on from chunk to chunk, so the state that a network carries stays true.
///
/// ## The end of the tokens
/// - `dropped`: n = (N - 1) / B rounded down, so all streams are equally long; up to B - 1 targets
///   at the end are left out. This is for training. Fewer than B + 1 tokens give no chunk.
/// - `padded`: n is rounded up, so that each of the N - 1 targets stands in exactly one place; the
///   last streams are shorter, or empty where there are fewer targets than streams. This is for
///   evaluation of small parts.
///
/// Where a stream has ended, inputs and targets are -1. No tokens, or a single one, are legal and
/// give no chunk.
package struct StreamBatcher: Sendable {
    /// What becomes of tokens that do not fill all streams equally.
    package enum Remainder: Sendable {
        /// Leave them out.
        case dropped
        /// Take them, and end the last streams early.
        case padded
    }

    /// Streams side by side (B).
    package let batch: Int
    /// Time steps of a chunk (T).
    package let steps: Int
    /// Time steps of the longest stream (n).
    package let columnLength: Int
    /// Targets in all chunks together, the last short chunk included.
    package let targetCount: Int

    private let tokens: Tokens
    private let cache: Cache

    /// What the streams hold of their tokens; one fill after another uses it.
    private final class Cache: Sendable {
        struct State: Sendable {
            var windows: [TokenWindow]
            var scratch: [UInt8] = []
        }

        let state: Mutex<State>

        init(streams: Int) {
            state = Mutex(State(windows: Array(repeating: TokenWindow(), count: streams)))
        }
    }

    /// Creates a batcher; `batch` and `steps` must be at least 1.
    package init(
        tokens: Tokens, batch: Int, steps: Int, remainder: Remainder = .dropped
    ) {
        precondition(batch >= 1 && steps >= 1, "batch and steps must be at least 1")
        self.tokens = tokens
        self.batch = batch
        self.steps = steps
        cache = Cache(streams: batch)
        let targets = max(0, tokens.count - 1)
        switch remainder {
        case .dropped:
            columnLength = targets / batch
            targetCount = columnLength * batch
        case .padded:
            columnLength = targets / batch + (targets % batch > 0 ? 1 : 0)
            targetCount = targets
        }
    }

    /// Chunks that have all their T steps.
    package var chunkCount: Int { columnLength / steps }

    /// All chunks, also a last one with fewer steps.
    package var chunkCountWithRemainder: Int {
        chunkCount + (columnLength % steps > 0 ? 1 : 0)
    }

    /// Writes one chunk; allocates nothing after the first.
    ///
    /// - Parameters:
    ///   - chunk: from 0; a chunk that does not exist is filled with -1.
    ///   - inputs: [T, B] tokens, time-major: step t of stream b is at `t * B + b`.
    ///   - targets: [T, B] next tokens, in the same order.
    /// - Returns: how many of the T steps exist in the longest stream; the others are all -1.
    /// - Throws: ``DataError`` where a file is not as it was when the tokens were loaded.
    package func fill(
        chunk: Int, inputs: UnsafeMutableBufferPointer<Int32>,
        targets: UnsafeMutableBufferPointer<Int32>
    ) throws(DataError) -> Int {
        precondition(
            inputs.count >= steps * batch && targets.count >= steps * batch,
            "inputs and targets must hold steps * batch tokens")
        let isInside = chunk >= 0 && chunk < chunkCountWithRemainder
        let first = isInside ? chunk * steps : columnLength
        let valid = min(steps, columnLength - first)
        try cache.state.withLock { state throws(DataError) in
            for column in 0..<batch {
                let start = column * columnLength + first
                // A padded stream ends where the last target does.
                let length = max(0, min(valid, targetCount - start))
                if length > 0 {
                    try state.windows[column].with(
                        start..<start + length + 1, of: tokens, capacity: capacity,
                        scratch: &state.scratch
                    ) { numbers in
                        for step in 0..<length {
                            inputs[step * batch + column] = numbers[step]
                            targets[step * batch + column] = numbers[step + 1]
                        }
                    }
                }
                for step in length..<steps {
                    inputs[step * batch + column] = -1
                    targets[step * batch + column] = -1
                }
            }
        }
        return valid
    }

    /// Tokens that a stream holds: those of many windows, but of few where there are many streams.
    private var capacity: Int { max(steps + 1, min(columnLength + 1, 1024, (1 << 20) / batch)) }
}
