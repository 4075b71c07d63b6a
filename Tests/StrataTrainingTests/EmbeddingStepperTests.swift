import Foundation
import Strata
import Testing

@Suite struct EmbeddingStepperTests {
    private func trained() throws -> TrainedNetwork {
        try Lesson.summer.train(on: Lesson.summerExamples(), epochs: 3)
    }

    @Test func stateSetBackResumesIdentically() throws {
        let network = try trained()
        var stepper = try network.stepper()
        _ = try stepper.step([0.5])
        let state = stepper.state
        let first = try stepper.step([0.2])
        let second = try stepper.step([-0.1])
        stepper.state = state
        #expect(stepper.state == state)
        #expect(try stepper.step([0.2]) == first)
        var other = try network.stepper()
        other.state = state
        #expect(try other.step([0.2]) == first)
        #expect(try other.step([-0.1]) == second)
        #expect(state["graves_lstm1.h"]?.count == 6)
        #expect(state["graves_lstm1.c"]?.count == 6)
        #expect(state["none"] == nil)
    }

    @Test func stateDependsOnWhatWasRead() throws {
        var stepper = try trained().stepper()
        let fresh = try stepper.step([0.2])
        #expect(try stepper.step([0.2]) != fresh)
        stepper.reset()
        #expect(try stepper.step([0.2]) == fresh)
    }

    @Test func copiesGoOnByThemselves() throws {
        var stepper = try trained().stepper()
        _ = try stepper.step([0.5])
        var copy = stepper
        let next = try stepper.step([0.3])
        _ = try stepper.step([0.9])
        #expect(try copy.step([0.3]) == next)
        var another = copy
        another.reset()
        let state = copy.state
        _ = try another.step([0.1])
        #expect(copy.state == state)
    }

    @Test func stateSurvivesEncoding() throws {
        var stepper = try trained().stepper()
        _ = try stepper.step([0.5])
        let data = try JSONEncoder().encode(stepper.state)
        #expect(try JSONDecoder().decode(NetworkState.self, from: data) == stepper.state)
    }

    @Test func foreignStatesAndInputsAreRefused() throws {
        var stepper = try trained().stepper()
        var speller = try Lesson.speller.train(on: Lesson.spellerExamples(), epochs: 1).stepper()
        #expect(throws: TrainingError.self) { try stepper.step([1, 2]) }
        #expect(throws: TrainingError.self) { try stepper.step([.nan]) }
        #expect(throws: TrainingError.self) { try stepper.step(token: 0) }
        #expect(throws: TrainingError.self) { try speller.step([0]) }
        for token in [-1, 3, Int.max] {
            #expect(throws: TrainingError.self) { try speller.step(token: token) }
        }
        stepper.state = speller.state
        #expect(throws: TrainingError.self) { try stepper.step([1]) }
        stepper.reset()
        var state = stepper.state
        state.entries[0].values.append(1)
        stepper.state = state
        #expect(throws: TrainingError.self) { try stepper.step([1]) }
        state.entries.removeAll()
        stepper.state = state
        #expect(throws: TrainingError.self) { try stepper.step([1]) }
    }

    @Test func anyNumberOfTasksMayPredict() async throws {
        let network = try trained()
        let expected = try network.predict([[0.1], [0.2]])
        try await withThrowingTaskGroup(of: [[Float]].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var last: [[Float]] = []
                    for _ in 0..<50 { last = try network.predict([[0.1], [0.2]]) }
                    return last
                }
            }
            for try await result in group { #expect(result == expected) }
        }
    }
}
