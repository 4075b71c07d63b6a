import Foundation
import Strata
import Synchronization
import Testing

@Suite struct EmbeddingCancellationTests {
    /// Waits until training on its own thread has ended.
    private final class Ending: Sendable {
        private let reached = Atomic<Bool>(false)

        func mark() { reached.store(true, ordering: .releasing) }

        /// Whether it ended within ten seconds.
        func wait() async throws -> Bool {
            for _ in 0..<1000 {
                if reached.load(ordering: .acquiring) { return true }
                try await Task.sleep(for: .milliseconds(10))
            }
            return false
        }
    }

    private func endless() throws -> TrainingLoop.Request {
        let rows: [[Float]] = (0..<100).map { [Float($0 % 2), Float($0 / 2 % 2)] }
        let examples = try Examples.vectors(
            inputs: rows, targets: rows.map { [$0[0] == $0[1] ? 0 : 1] })
        return .init(
            examples: examples, validation: nil, epochs: 1_000_000, batchSize: 1, threads: 2)
    }

    @Test func theLastElementCarriesTheNetworkOfTheSynchronousCall() async throws {
        let examples = try Lesson.xorExamples()
        var last: TrainingProgress?
        var count = 0
        for try await progress in Lesson.xor.training(on: examples, epochs: 5) {
            last = progress
            count += 1
        }
        let trained = try #require(last?.trained)
        #expect(count == 6)
        #expect(last?.step == 5)
        let direct = try Lesson.xor.train(on: examples, epochs: 5)
        let rows: [[Float]] = [[0, 1], [1, 1]]
        #expect(try trained.predict(rows) == direct.predict(rows))
        #expect(
            try await Lesson.xor.trained(on: examples, epochs: 5).predict(rows)
                == direct.predict(rows))
    }

    @Test func cancellingTheTaskStopsTraining() async throws {
        let ending = Ending()
        let stream = Lesson.xor.stream(try endless()) { ending.mark() }
        let task = Task {
            var trained: TrainedNetwork?
            for try await progress in stream { trained = progress.trained }
            return trained
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(try await task.value == nil)
        #expect(try await ending.wait())
    }

    @Test func leavingTheLoopStopsTraining() async throws {
        let ending = Ending()
        func readSome() async throws -> Int {
            for try await progress in Lesson.xor.stream(try endless(), ended: { ending.mark() })
            where progress.step >= 3 {
                return progress.step
            }
            return 0
        }
        #expect(try await readSome() >= 3)
        #expect(try await ending.wait())
    }

    @Test func aSystemThatGivesNoThreadEndsTheStream() async throws {
        let stream = Lesson.xor.stream(try endless(), start: { _ in false }, ended: {})
        let error = await #expect(throws: TrainingError.self) {
            for try await _ in stream {}
        }
        guard case .runtime(let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.kind == .outOfMemory)
    }

    @Test func aCancelledCallThrowsCancellation() async throws {
        let examples = try Lesson.xorExamples()
        let task = Task { try await Lesson.xor.trained(on: examples, epochs: 1_000_000) }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test func theStreamThrowsWhatTrainingThrows() async throws {
        let examples = try Lesson.xorExamples()
        await #expect(throws: TrainingError.self) {
            for try await _ in Lesson.xor.training(on: examples, epochs: 0) {}
        }
    }

    @Test(arguments: [0, -1, 1025, Int.max])
    func impossibleArgumentsAreRefused(number: Int) throws {
        let examples = try Lesson.xorExamples()
        #expect(throws: TrainingError.self) { try Lesson.xor.train(on: examples, threads: number) }
        if number <= 0 {
            #expect(throws: TrainingError.self) {
                try Lesson.xor.train(on: examples, epochs: number)
            }
            #expect(throws: TrainingError.self) {
                try Lesson.xor.train(on: examples, batchSize: number)
            }
        } else {
            _ = try Lesson.xor.train(on: examples, epochs: 1, batchSize: number)
        }
    }

    @Test func networksThatDoNotSuitTheDataAreRefused() throws {
        func reason(_ network: Network, _ examples: Examples) throws -> Diagnostic.Code? {
            let error = try #require(throws: TrainingError.self) {
                _ = try network.train(on: examples)
            }
            guard case .configuration(let error) = error else { return nil }
            return error.diagnostics.first?.code
        }
        let noLoss = Network { Dense(units: 1) }
        #expect(try reason(noLoss, Lesson.xorExamples()) == .graph)
        #expect(try reason(Lesson.speller, Lesson.xorExamples()) == .shapeMismatch)
        #expect(try reason(Lesson.xor, Lesson.spellerExamples()) == .shapeMismatch)
        let recurrent = Network {
            LSTM(units: 2)
            Output(activation: .identity, loss: .mse)
        }
        #expect(try reason(recurrent, Lesson.xorExamples()) == .shapeMismatch)
        let stopping = Lesson.xor.settings { $0.earlyStopping = EarlyStoppingSpec() }
        #expect(try reason(stopping, Lesson.xorExamples()) == .conflict)
        let twice = Network {
            Dense(units: 1).named("a")
            Output().named("a")
        }
        #expect(try reason(twice, Lesson.xorExamples()) == .duplicateKey)
    }

    @Test func examplesOfOtherShapesAreNotEvaluated() throws {
        let trained = try Lesson.xor.train(on: Lesson.xorExamples(), epochs: 1)
        let wide = try Examples.vectors(inputs: [[1, 2, 3]], targets: [[1]])
        let labelled = try Examples.vectors(inputs: [[1, 2]], labels: [0], classes: 2)
        for examples in [wide, labelled, try Lesson.spellerExamples()] {
            #expect(throws: TrainingError.self) { try trained.evaluate(on: examples) }
            #expect(throws: TrainingError.self) {
                try Lesson.xor.train(on: Lesson.xorExamples(), validation: examples)
            }
        }
        #expect(throws: TrainingError.self) { try trained.predict([[1]]) }
        #expect(throws: TrainingError.self) { try trained.predict([[1, .nan]]) }
        #expect(throws: TrainingError.self) { try trained.predict(tokens: [0]) }
        #expect(throws: TrainingError.self) { try trained.predict(sequences: [[[1, 2]]]) }
    }

    @Test func divergenceIsAnError() throws {
        let network = Network { Output(activation: .identity, loss: .mse) }
            .optimizer(SGD(learningRate: 1e30))
        let error = try #require(throws: TrainingError.self) {
            _ = try network.train(on: Lesson.xorExamples(), epochs: 50)
        }
        guard case .diverged = error else {
            Issue.record("another error: \(error)")
            return
        }
    }
}
