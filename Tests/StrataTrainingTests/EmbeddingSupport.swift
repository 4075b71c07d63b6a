import Foundation
import Strata

/// A folder that is removed when the test lets go of it.
final class EmbeddingFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("strata-embedding-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Small networks and examples that several suites train.
enum Lesson {
    static let xor = Network("xor", seed: 1) {
        Dense(units: 8, activation: .tanh)
        Output(activation: .sigmoid, loss: .binaryCrossEntropy)
    }
    .optimizer(Adam(learningRate: 0.05))

    static func xorExamples() throws -> Examples {
        try .vectors(
            inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [[0], [1], [1], [0]])
    }

    static let speller = Network("speller", seed: 7) {
        LSTM(units: 12)
        Output()
    }
    .optimizer(Adam(learningRate: 0.03))

    /// The letters a, b and c in turn, from each of them, in unequal lengths.
    static func spellerExamples() throws -> Examples {
        try .tokens(
            sequences: [[0, 1, 2, 0, 1, 2], [1, 2, 0, 1], [2, 0, 1]],
            targets: [[1, 2, 0, 1, 2, 0], [2, 0, 1, 2], [0, 1, 2]], classes: 3)
    }

    /// A sequence network over numbers: the sum of what came so far.
    static let summer = Network("summer", seed: 3) {
        GravesLSTM(units: 6)
        Output(activation: .identity, loss: .mse)
    }
    .optimizer(Adam(learningRate: 0.02))

    static func summerExamples() throws -> Examples {
        try .sequences(
            inputs: [[[0.1], [0.2], [0.3]], [[0.4], [-0.2]], [[0.5]]],
            targets: [[[0.1], [0.3], [0.6]], [[0.4], [0.2]], [[0.5]]])
    }
}

extension [Float] {
    /// The index of the largest value.
    var best: Int? { indices.max { self[$0] < self[$1] } }
}
