import StrataData
import Testing

@Suite struct StreamBatcherTests {
    private struct Chunk: Equatable {
        var valid: Int
        var inputs: [Int32]
        var targets: [Int32]
    }

    private func chunk(_ batcher: StreamBatcher, _ index: Int) throws -> Chunk {
        // Values that no fill writes show what was left out.
        var inputs = [Int32](repeating: -9, count: batcher.steps * batcher.batch)
        var targets = inputs
        let valid = try inputs.withUnsafeMutableBufferPointer { inputs in
            try targets.withUnsafeMutableBufferPointer { targets in
                try batcher.fill(chunk: index, inputs: inputs, targets: targets)
            }
        }
        return Chunk(valid: valid, inputs: inputs, targets: targets)
    }

    private func numbers(_ count: Int) -> [Int32] { (0..<count).map { Int32($0) } }

    private func tokens(_ count: Int) -> Tokens { Tokens(numbers(count)) }

    @Test func columnsAreContiguousAndTimeMajor() throws {
        let batcher = StreamBatcher(tokens: tokens(15), batch: 2, steps: 3)
        // n = 14 / 2 = 7: stream 0 reads 0..., stream 1 reads 7...
        #expect(batcher.columnLength == 7 && batcher.targetCount == 14)
        #expect(batcher.chunkCount == 2 && batcher.chunkCountWithRemainder == 3)
        #expect(
            try chunk(batcher, 0)
                == Chunk(valid: 3, inputs: [0, 7, 1, 8, 2, 9], targets: [1, 8, 2, 9, 3, 10]))
        #expect(
            try chunk(batcher, 1)
                == Chunk(valid: 3, inputs: [3, 10, 4, 11, 5, 12], targets: [4, 11, 5, 12, 6, 13]))
        #expect(
            try chunk(batcher, 2)
                == Chunk(
                    valid: 1, inputs: [6, 13, -1, -1, -1, -1], targets: [7, 14, -1, -1, -1, -1]))
    }

    @Test func chunksThatDoNotExistAreEmpty() throws {
        let batcher = StreamBatcher(tokens: tokens(15), batch: 2, steps: 3)
        for index in [-1, 3, .max, .min] {
            let none = [Int32](repeating: -1, count: 6)
            #expect(try chunk(batcher, index) == Chunk(valid: 0, inputs: none, targets: none))
        }
    }

    @Test func droppedRemainderLeavesOutFewerThanBatchTargets() throws {
        for count in 0..<40 {
            for batch in 1...7 {
                let batcher = StreamBatcher(tokens: tokens(count), batch: batch, steps: 4)
                #expect(batcher.columnLength == max(0, count - 1) / batch)
                let seen = try allTargets(batcher)
                #expect(seen == (0..<batcher.targetCount).map { Int32($0 + 1) })
                #expect(max(0, count - 1) - seen.count < batch)
            }
        }
    }

    @Test func paddedRemainderCoversEveryTargetOnce() throws {
        for count in 0..<40 {
            for batch in [1, 2, 3, 5, 8, 32, 100] {
                for steps in [1, 3, 50] {
                    let batcher = StreamBatcher(
                        tokens: tokens(count), batch: batch, steps: steps, remainder: .padded)
                    #expect(try allTargets(batcher) == Array(numbers(count).dropFirst()))
                    #expect(batcher.targetCount == max(0, count - 1))
                }
            }
        }
    }

    /// All targets in order, after a check that each follows its input.
    private func allTargets(_ batcher: StreamBatcher) throws -> [Int32] {
        var targets: [Int32] = []
        for index in 0..<batcher.chunkCountWithRemainder {
            let chunk = try chunk(batcher, index)
            #expect(chunk.valid >= 1)
            #expect(index >= batcher.chunkCount || chunk.valid == batcher.steps)
            for (input, target) in zip(chunk.inputs, chunk.targets) {
                #expect(input == -1 ? target == -1 : target == input + 1)
                if target >= 0 { targets.append(target) }
            }
        }
        return targets.sorted()
    }

    @Test func noTokensGiveNoChunk() throws {
        for count in [0, 1] {
            for remainder in [StreamBatcher.Remainder.dropped, .padded] {
                let batcher = StreamBatcher(
                    tokens: tokens(count), batch: 32, steps: 10, remainder: remainder)
                #expect(batcher.chunkCount == 0 && batcher.chunkCountWithRemainder == 0)
                #expect(try batcher.targetCount == 0 && chunk(batcher, 0).valid == 0)
            }
        }
    }

    @Test func smallPartsLeaveStreamsEmpty() throws {
        let batcher = StreamBatcher(
            tokens: Tokens([5, 6, 7]), batch: 4, steps: 2, remainder: .padded)
        #expect(batcher.chunkCountWithRemainder == 1 && batcher.chunkCount == 0)
        #expect(
            try chunk(batcher, 0)
                == Chunk(
                    valid: 1, inputs: [5, 6, -1, -1, -1, -1, -1, -1],
                    targets: [6, 7, -1, -1, -1, -1, -1, -1]))
    }

    @Test func oneStreamOfOneStepWorks() throws {
        let batcher = StreamBatcher(tokens: Tokens([3, 4]), batch: 1, steps: 1)
        #expect(try chunk(batcher, 0) == Chunk(valid: 1, inputs: [3], targets: [4]))
    }
}
