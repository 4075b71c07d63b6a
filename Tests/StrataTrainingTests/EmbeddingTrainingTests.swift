import Foundation
import Strata
import Testing

@Suite struct EmbeddingTrainingTests {
    @Test func xorIsLearned() throws {
        let examples = try Lesson.xorExamples()
        let trained = try Lesson.xor.train(on: examples, epochs: 300)
        #expect(try trained.evaluate(on: examples) < 0.05)
        let answers = try trained.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
        #expect(answers.map { $0[0] > 0.5 } == [false, true, true, false])
        #expect(trained.parameterCount == 2 * 8 + 8 + 8 + 1)
    }

    @Test func lettersAreLearnedAndSteppedWithState() throws {
        let trained = try Lesson.speller.train(on: Lesson.spellerExamples(), epochs: 150)
        #expect(try trained.evaluate(on: Lesson.spellerExamples()) < 0.1)
        var stepper = try trained.stepper()
        let sequence = [0, 1, 2, 0, 1, 2, 0]
        var outputs: [[Float]] = []
        for token in sequence { outputs.append(try stepper.step(token: token)) }
        #expect(outputs.compactMap(\.best) == [1, 2, 0, 1, 2, 0, 1])
        #expect(outputs.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-5 })
        // The whole sequence at once gives what the steps gave.
        let whole = try trained.predict(tokens: sequence)
        for (a, b) in zip(whole, outputs) {
            for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-5) }
        }
    }

    @Test func oneLabelCanBelongToAWholeSequence() throws {
        // Which letter came first? Only the last step is asked.
        let network = Network("first", seed: 2) {
            LSTM(units: 10)
            Output()
        }
        .optimizer(Adam(learningRate: 0.03))
        let sequences = [[0, 2, 2], [1, 2, 2, 2], [0, 2], [1, 2], [0, 2, 2, 2], [1, 2, 2]]
        let examples = try Examples.tokens(
            sequences: sequences, targets: [[0], [1], [0], [1], [0], [1]], classes: 3,
            targetClasses: 2)
        let trained = try network.train(on: examples, epochs: 120)
        for sequence in sequences {
            #expect(try trained.predict(tokens: sequence).last?.best == sequence[0])
        }
    }

    @Test func labelledVectorsAreClassified() throws {
        let inputs: [[Float]] = [[-1, 0], [0, 1], [1, 0], [-2, 0.2], [0.1, 2], [2, 0]]
        let labels = [0, 1, 2, 0, 1, 2]
        let examples = try Examples.vectors(inputs: inputs, labels: labels, classes: 3)
        let network = Network { Output() }.optimizer(SGD(learningRate: 0.5))
        let trained = try network.train(on: examples, epochs: 100)
        #expect(try trained.predict(inputs).compactMap(\.best) == labels)
    }

    @Test func paddingChangesNothing() throws {
        let trained = try Lesson.summer.train(on: Lesson.summerExamples(), epochs: 2)
        let short: [[Float]] = [[0.4], [-0.2]]
        let long = (0..<9).map { [Float($0) / 10] }
        let together = try trained.predict(sequences: [short, long, short])
        #expect(together.map(\.count) == [2, 9, 2])
        #expect(together[0] == together[2])
        for (a, b) in zip(together[0], try trained.predict(short)) {
            #expect(abs(a[0] - b[0]) < 1e-6)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5])
    func aLastBatchThatIsNotFullCountsForWhatItHolds(batchSize: Int) throws {
        let inputs = (0..<5).map { [Float($0), 1] }
        let examples = try Examples.vectors(inputs: inputs, targets: inputs)
        let network = Network { Output(activation: .identity, loss: .mse) }
            .optimizer(SGD(learningRate: 1e-6))
        var epochLoss: Double?
        _ = try network.train(on: examples, epochs: 1, batchSize: batchSize) {
            epochLoss = $0.epochLoss
        }
        // The rate is so small that the loss of the pass is that of the first parameters.
        let loss = try network.train(on: examples, epochs: 1).evaluate(on: examples)
        #expect(abs(try #require(epochLoss) / loss - 1) < 1e-3)
    }

    @Test func manyRowsArePredictedInParts() throws {
        let trained = try Lesson.xor.train(on: Lesson.xorExamples(), epochs: 1)
        let rows = (0..<150).map { [Float($0 % 7) / 7, Float($0 % 3)] }
        let answers = try trained.predict(rows)
        #expect(answers.count == 150)
        for index in [0, 63, 64, 128, 149] {
            let alone = try trained.predict([rows[index]])
            #expect(abs(alone[0][0] - answers[index][0]) < 1e-6)
        }
        #expect(try trained.predict([]).isEmpty)
    }

    @Test func resultsDoNotDependOnThreadsAndFollowTheSeed() throws {
        let examples = try Lesson.summerExamples()
        func outputs(threads: Int, seed: UInt64) throws -> [[Float]] {
            var network = Lesson.summer
            network.spec.seed = seed
            return try network.train(on: examples, epochs: 4, batchSize: 2, threads: threads)
                .predict([[0.3], [0.1], [0.9]])
        }
        let one = try outputs(threads: 1, seed: 3)
        #expect(try outputs(threads: 2, seed: 3) == one)
        #expect(try outputs(threads: 1, seed: 4) != one)
    }

    @Test func progressCountsStepsAndPasses() throws {
        var reports: [TrainingProgress] = []
        let examples = try Lesson.xorExamples()
        _ = try Lesson.xor.train(on: examples, epochs: 3, batchSize: 3) { reports.append($0) }
        #expect(reports.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(reports.map(\.epoch) == [1, 1, 2, 2, 3, 3])
        #expect(reports.map { $0.epochLoss != nil } == [false, true, false, true, false, true])
        #expect(reports.allSatisfy { $0.totalSteps == 6 && $0.trained == nil })
        #expect(reports.allSatisfy { $0.loss > 0 && $0.gradientNorm > 0 })
    }

    @Test func maximumStepsEndTraining() throws {
        var steps = 0
        let network = Lesson.xor.settings { $0.maximumSteps = 3 }
        _ = try network.train(on: Lesson.xorExamples(), epochs: 9, batchSize: 2) { _ in steps += 1 }
        #expect(steps == 3)
    }

    @Test func validationStopsEarlyAndKeepsTheBestParameters() throws {
        let examples = try Lesson.xorExamples()
        // The opposite of what is learned: the first pass is the best one.
        let opposite = try Examples.vectors(
            inputs: [[0, 0], [0, 1], [1, 0], [1, 1], [1, 1]], targets: [[1], [0], [0], [1], [1]])
        var losses: [Double] = []
        let network = Lesson.xor.optimizer(SGD(learningRate: 1))
            .settings { $0.earlyStopping = EarlyStoppingSpec() }
        let trained = try network.train(on: examples, validation: opposite, epochs: 500) {
            losses.append($0.validationLoss ?? .nan)
        }
        #expect(losses.count < 500)
        let best = try #require(losses.min())
        #expect(abs(try trained.evaluate(on: opposite) - best) < 1e-6)
    }

    @Test func theBestParametersAreKeptWhateverTheMinimumImprovement() throws {
        let examples = try Lesson.xorExamples()
        var losses: [Double] = []
        let network = Lesson.xor.settings {
            $0.earlyStopping = EarlyStoppingSpec()
            $0.earlyStopping?.minimumImprovement = 100
        }
        let trained = try network.train(on: examples, validation: examples, epochs: 50) {
            losses.append($0.validationLoss ?? .nan)
        }
        #expect(losses.count == 4 && losses[3] < losses[0])
        let best = try #require(losses.min())
        #expect(abs(try trained.evaluate(on: examples) - best) < 1e-6)
    }

    @Test func aLastUpdateThatGoesWrongIsNoResult() throws {
        let network = Network { Output(activation: .identity, loss: .mse) }
            .optimizer(SGD(learningRate: 1e38))
        let error = #expect(throws: TrainingError.self) {
            _ = try network.train(on: .vectors(inputs: [[1000]], targets: [[100]]), epochs: 1)
        }
        guard case .diverged(1, _, let place) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(place?.contains("parameter") == true)
    }

    @Test func examplesOfAnotherKindDoNotValidate() throws {
        let text = Examples.text(try alphabet())
        let table = try Lesson.spellerExamples()
        for (examples, validation) in [(table, text), (text, table)] {
            let error = #expect(throws: TrainingError.self) {
                _ = try Lesson.speller.train(on: examples, validation: validation, epochs: 1)
            }
            guard case .data(let found) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(found.message.contains("not of one kind"))
        }
    }

    @Test func aTextTooShortToValidateOnIsToldOf() throws {
        let dataset = try alphabet()
        let error = #expect(throws: TrainingError.self) {
            _ = try Lesson.speller.train(
                on: .text(dataset), validation: .text(dataset, part: .test), epochs: 1)
        }
        guard case .data(let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.kind == .tooShort)
    }

    // MARK: Text

    private func alphabet() throws -> TokenDataset {
        let tokens = (0..<400).map { Int32($0 % 3) }
        return try TokenDataset(
            vocabulary: Vocabulary(kind: .characters, tokens: ["a", "b", "c"]),
            train: Array(tokens[..<300]), validation: Array(tokens[300...]), batchSize: 4,
            sequenceLength: 10)
    }

    @Test func textIsLearnedValidatedAndContinued() throws {
        let dataset = try alphabet()
        var validated = 0
        let trained = try Lesson.speller.train(on: .text(dataset), epochs: 30) {
            if $0.validationLoss != nil { validated += 1 }
        }
        #expect(validated == 30)
        #expect(try trained.evaluate(on: .text(dataset, part: .validation)) < 0.1)
        #expect(try trained.generate(prompt: "ab", length: 7, temperature: 0) == "cabcabc")
        #expect(throws: TrainingError.self) { try trained.generate(prompt: "x", length: 1) }
        #expect(throws: TrainingError.self) { try trained.generate(length: -1) }
    }

    @Test func dataNamedByYAMLAreLoaded() throws {
        let folder = try EmbeddingFolder()
        try String(repeating: "abc", count: 40)
            .write(toFile: folder.path + "/t.txt", atomically: true, encoding: .utf8)
        var network = Lesson.speller
        #expect(throws: TrainingError.self) { try network.loadData() }
        network.spec.data = DataSpec(
            TextData(path: ["t.txt"], sequenceLength: 5, batchSize: 2))
        try network.yaml.write(
            toFile: folder.path + "/net.yaml", atomically: true, encoding: .utf8)
        let dataset = try Network(yaml: folder.path + "/net.yaml").loadData()
        #expect(dataset.vocabulary.tokens == ["a", "b", "c"])
    }

    @Test func pathsOfDataStartFromTheirFileAndThoseOfOverridesFromTheWorkingFolder() throws {
        let folder = try EmbeddingFolder()
        for (name, letters) in [("file.txt", "abc"), ("override.txt", "xy")] {
            try String(repeating: letters, count: 40)
                .write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
        }
        var network = Lesson.speller
        network.spec.data = DataSpec(
            TextData(path: ["file.txt"], sequenceLength: 5, batchSize: 2))
        try network.yaml.write(
            toFile: folder.path + "/net.yaml", atomically: true, encoding: .utf8)
        let working = FileManager.default.currentDirectoryPath
        let up = working.split(separator: "/").map { _ in ".." }.joined(separator: "/")
        let relative = up + folder.path
        #expect(
            try Network(yaml: relative + "/net.yaml").loadData().vocabulary.tokens
                == ["a", "b", "c"])
        let other = try Network(
            yaml: relative + "/net.yaml", overrides: ["data.path=\(relative)/override.txt"])
        #expect(try other.loadData().vocabulary.tokens == ["x", "y"])
    }
}
