import Strata
import Testing

@Suite struct EmbeddingExamplesTests {
    /// The message of the error that a maker must throw.
    private func problem(_ make: () throws -> Examples) throws -> String {
        try #require(throws: DataError.self) { _ = try make() }.message
    }

    @Test func raggedWidthsAreNamed() throws {
        #expect(
            try problem { try .vectors(inputs: [[1, 2], [3]], targets: [[0], [1]]) }
                == "inputs[1] has 1 values where 2 are expected")
        #expect(
            try problem { try .vectors(inputs: [[1], [3]], targets: [[0], [1, 2]]) }
                == "targets[1] has 2 values where 1 are expected")
        #expect(
            try problem {
                try .sequences(inputs: [[[1], [2, 3]]], targets: [[[1], [2]]])
            } == "inputs[0][1] has 2 values where 1 are expected")
    }

    @Test func emptyDataAreRefused() {
        #expect(throws: DataError(.tooShort, "there are no examples")) {
            _ = try Examples.vectors(inputs: [], targets: [])
        }
        #expect(throws: DataError(.tooShort, "there are no examples")) {
            _ = try Examples.tokens(sequences: [], targets: [], classes: 2)
        }
        #expect(throws: DataError(.tooShort, "inputs[1] has no steps")) {
            _ = try Examples.sequences(inputs: [[[1]], []], targets: [[[1]], []])
        }
        #expect(throws: DataError.self) { _ = try Examples.vectors(inputs: [[]], targets: [[1]]) }
        #expect(throws: DataError.self) { _ = try Examples.vectors(inputs: [[1]], targets: [[]]) }
        #expect(throws: DataError.self) {
            _ = try Examples.sequences(inputs: [[[]]], targets: [[[1]]])
        }
    }

    @Test func unequalCountsAndLengthsAreRefused() throws {
        #expect(
            try problem { try .vectors(inputs: [[1], [2]], targets: [[0]]) }
                == "there are 2 inputs, but 1 targets")
        #expect(
            try problem { try .sequences(inputs: [[[1], [2]]], targets: [[[1]]]) }
                == "targets[0] has 1 steps, its input 2")
        #expect(
            try problem { try .tokens(sequences: [[0, 1, 0]], targets: [[0, 1]], classes: 2) }
                == "targets[0] has 2 classes, its input 3 steps")
    }

    @Test func numbersMustBeFinite() throws {
        #expect(
            try problem { try .vectors(inputs: [[1, .nan]], targets: [[0]]) }
                == "inputs[0][1] is nan, not a finite number")
        #expect(
            try problem { try .sequences(inputs: [[[1]]], targets: [[[.infinity]]]) }
                == "targets[0][0][0] is inf, not a finite number")
    }

    @Test func classesMustExist() throws {
        #expect(
            try problem { try .tokens(sequences: [[0, 3]], targets: [[0, 0]], classes: 3) }
                == "sequences[0][1] is 3, but the 3 classes are 0 to 2")
        #expect(
            try problem { try .vectors(inputs: [[1]], labels: [-1], classes: 3) }
                == "labels[0] is -1, but the 3 classes are 0 to 2")
        for count in [0, -1, Int.max] {
            #expect(throws: DataError.self) {
                _ = try Examples.tokens(sequences: [[0]], targets: [[0]], classes: count)
            }
        }
    }

    @Test func messagesNameTheArgument() throws {
        let steps: [[[Float]]] = [[[1]], [[2], [3], [4]]]
        #expect(
            try problem { try .sequences(inputs: steps, labels: [[0], [0, 9, 0]], classes: 3) }
                == "labels[1][1] is 9, but the 3 classes are 0 to 2")
        #expect(
            try problem { try .sequences(inputs: steps, labels: [[0], [0, 0]], classes: 3) }
                == "labels[1] has 2 classes, its input 3 steps")
        #expect(
            try problem { try .vectors(inputs: [[1]], labels: [], classes: 3) }
                == "there are 1 inputs, but 0 labels")
        #expect(
            try problem { try .tokens(sequences: [[0, 1]], targets: [[0, 7]], classes: 3) }
                == "targets[0][1] is 7, but the 3 classes are 0 to 2")
        #expect(
            try problem { try .sequences(inputs: [[[1]]], targets: [[]]) }
                == "targets[0] has 0 steps, its input 1")
    }

    @Test func textKeepsItsParts() throws {
        let dataset = try TokenDataset(
            vocabulary: Vocabulary(kind: .characters, tokens: ["a", "b"]), train: [0, 1, 0, 1],
            validation: [0, 1], batchSize: 1, sequenceLength: 2)
        #expect(Examples.text(dataset).count == 4)
        #expect(Examples.text(dataset, part: .validation).count == 2)
        #expect(Examples.text(dataset, part: .test).count == 0)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 100, 1023])
    func ordersArePermutations(count: Int) {
        for key in [UInt64(0), 1, .max] {
            let order = ExampleOrder(count: count, key: key)
            #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
        }
    }

    @Test func ordersFollowFromTheirKey() {
        func order(_ key: UInt64) -> [Int] {
            let order = ExampleOrder(count: 200, key: key)
            return (0..<200).map { order[$0] }
        }
        #expect(order(1) == order(1))
        #expect(order(1) != order(2))
        #expect(order(1) != Array(0..<200))
    }

    @Test func everyExampleComesOncePerPass() throws {
        let inputs = (0..<10).map { [Float($0)] }
        let examples = try Examples.vectors(inputs: inputs, targets: inputs)
        guard case .table(let table) = examples.content else {
            Issue.record("vectors are a table")
            return
        }
        let windows = ExampleWindows(table: table, batch: 4, seed: 5)
        #expect(windows.count == 3)
        let network = Network { Output(activation: .identity, loss: .mse) }
        let model = try Model(
            network: network.spec.network, input: windows.input, target: windows.target, seed: 1)
        let executor = try model.executor(steps: 1, batch: 4, for: .training)
        func pass(_ epoch: Int) throws -> [Float] {
            var seen: [Float] = []
            for window in 0..<windows.count {
                #expect(windows.startsStream(window))
                let isMasked = windows.fill(window, epoch: epoch, into: executor)
                #expect(isMasked == (window == 2))
                let view = try #require(executor.values(ofInput: 0))
                for row in 0..<4 where executor.mask[row] != 0 { seen.append(view.row(row)[0]) }
            }
            return seen
        }
        let first = try pass(0)
        #expect(first.sorted() == inputs.flatMap { $0 })
        #expect(try pass(0) == first)
        #expect(try pass(1) != first)
    }
}
