import Foundation
import Strata
import StrataData
import StrataGraph
import StrataLayers
import StrataTraining
import Testing

/// What rounded weights cost: the mean loss of a trained network that steps through a text.
@Suite struct WeightPrecisionTests {
    private static let spec = Tiny.spec([
        LayerSpec("lstm", LSTM(units: 24)), LayerSpec("graves", GravesLSTM(units: 20)),
        LayerSpec("next", Output()),
    ]) {
        $0.epochs = 8
        $0.optimizer = OptimizerSpec(Adam(learningRate: 0.02))
    }

    /// Nats per token, when every token is foretold from those before it.
    private func meanLoss(
        _ network: TrainedNetwork, _ tokens: [Int32], weights: WeightPrecision
    ) throws -> Double {
        var stepper = try network.stepper(weights: weights)
        var sum = 0.0
        for (token, next) in zip(tokens, tokens.dropFirst()) {
            let chances = try stepper.step(token: Int(token))
            sum -= log(Double(max(chances[Int(next)], 1e-7)))
        }
        return sum / Double(tokens.count - 1)
    }

    @Test func roundedWeightsCostATrainedNetworkLittle() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder, data: Tiny.data(train: 2000))
            let network = try TrainedNetwork(loading: folder + "/run/best.safetensors")
            let tokens = Tiny.tokens(2000, seed: 9)
            let exact = try meanLoss(network, tokens, weights: .float32)
            // It has learned something: six letters by chance cost 1.79.
            #expect(exact < 0.7)
            for weights in [WeightPrecision.bfloat16, .int8] {
                let rounded = try meanLoss(network, tokens, weights: weights)
                #expect(rounded != exact)
                #expect(abs(rounded - exact) < 0.005, "\(weights)")
            }
        }
    }

    /// One stream, so that an evaluation foretells each token from all before it, too.
    @Test func evaluationsRoundWeightsAsStepsDo() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Self.spec, in: folder, data: Tiny.data(train: 2000))
            let path = folder + "/run/best.safetensors"
            let network = try TrainedNetwork(loading: path)
            let model = try TrainedModel(checkpoint: path)
            let tokens = Tiny.tokens(401, seed: 9)
            let data = try TokenDataset(
                vocabulary: Tiny.vocabulary(), train: tokens, validation: [], test: [],
                batchSize: 1, sequenceLength: 8)
            var losses: Set<Double> = []
            for weights in WeightPrecision.allCases {
                let stepped = try meanLoss(network, tokens, weights: weights)
                let evaluated = try #require(
                    try model.evaluate(.train, of: data, threads: 2, weights: weights))
                #expect(abs(evaluated - stepped) < 2e-5, "\(weights)")
                losses.insert(evaluated)
            }
            #expect(losses.count == 3)
        }
    }

    @Test func weightsThatAreAskedForAreThoseOfAPlan() throws {
        let model = try Model(
            network: Self.spec.network, input: TensorSpec(features: 6, values: .tokens),
            target: .classes(6), seed: 1, precision: .bfloat16, imitates: true)
        func precision(_ weights: WeightPrecision?) throws -> Precision {
            try model.plan(steps: 1, batch: 1, for: .inference, weights: weights).precision
        }
        #expect(try precision(nil) == .bfloat16)
        // Weights that are asked for are all that is rounded.
        #expect(try WeightPrecision.allCases.allSatisfy { try precision($0) == .float32 })
    }
}
