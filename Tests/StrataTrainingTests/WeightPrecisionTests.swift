import Foundation
import Strata
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataTraining
import Testing

/// What rounded weights cost: the mean loss of a trained network that steps through a text.
@Suite struct WeightPrecisionTests {
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
        let spec = Tiny.spec([
            LayerSpec("lstm", LSTM(units: 24)), LayerSpec("graves", GravesLSTM(units: 20)),
            LayerSpec("next", Output()),
        ]) {
            $0.epochs = 8
            $0.optimizer = OptimizerSpec(Adam(learningRate: 0.02))
        }
        try withTemporaryFolder { folder in
            try Tiny.finish(spec, in: folder, data: Tiny.data(train: 2000))
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

    private static let run = ProcessInfo.processInfo.environment["STRATA_RUN"]

    /// The numbers in Docs/Performance.md; STRATA_RUN is the folder of a run of netrun.
    @Test(.enabled(if: run != nil, "set STRATA_RUN to the folder of a trained run"))
    func roundedWeightsCostARunLittle() throws {
        let path = try #require(Self.run)
        let network = try TrainedNetwork(loading: path + "/best.safetensors")
        let model = try TrainedModel(checkpoint: path + "/best.safetensors")
        let data = try #require(model.spec.data).source.load(relativeTo: "")
        for (part, tokens) in [("validation", data.validation), ("test", data.test)] {
            let tokens = try tokens.array()
            let exact = try meanLoss(network, tokens, weights: .float32)
            for weights in WeightPrecision.allCases {
                let loss = try meanLoss(network, tokens, weights: weights)
                print(part, tokens.count, weights.rawValue, loss, "nats,", loss - exact, "more")
                #expect(abs(loss - exact) < 0.005, "\(weights)")
            }
        }
    }
}
