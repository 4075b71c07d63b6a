import StrataGraph
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

struct DropoutTests {
    private let team = WorkerTeam(count: 2)

    /// Dropout alone over ones, so that its output shows what it keeps.
    private func onesCase(rate: Double, features: Int, batch: Int, name: String = "drop") throws
        -> NetworkCase
    {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [LayerSpec(name, Dropout(rate: rate))]),
            inputs: [GraphInput("input", TensorSpec(features: features))])
        var test = NetworkCase.random(
            "dropout", graph: graph, steps: 2, batch: batch, seed: 1)
        test.inputs = [.values([Float](repeating: 1, count: 2 * batch * features))]
        return test
    }

    private func output(_ test: NetworkCase, _ mode: ExecutionMode = .training) throws -> [Double] {
        try FastRun(test, for: .inference).run(mode, team: team).outputs[0].values
    }

    @Test(arguments: [0, 0.1, 0.5, 0.9])
    func dropsAtItsRateAndKeepsTheMean(rate: Double) throws {
        let values = try output(onesCase(rate: rate, features: 100, batch: 100))
        let dropped = Double(values.count { $0 == 0 }) / Double(values.count)
        // Five standard deviations of a share of 20 000 draws.
        #expect(abs(dropped - rate) <= 5 * (rate * (1 - rate) / 20_000).squareRoot())
        let kept = Double(Float(1 / (1 - rate)))
        #expect(values.allSatisfy { $0 == 0 || $0 == kept })
    }

    @Test func doesNothingOutsideTraining() throws {
        let test = try onesCase(rate: 0.5, features: 20, batch: 3)
        #expect(try output(test, .evaluation).allSatisfy { $0 == 1 })
        #expect(try output(test, .inference).allSatisfy { $0 == 1 })
    }

    @Test func maskFollowsFromKeyAndLayerName() throws {
        let test = try onesCase(rate: 0.5, features: 20, batch: 3)
        var later = test
        later.randomKey = 2
        let other = try onesCase(rate: 0.5, features: 20, batch: 3, name: "drop2")
        let mask = try output(test)
        #expect(try output(test) == mask)
        #expect(try output(later) != mask)
        #expect(try output(other) != mask)
    }

    @Test func neighbouringStepsDropIndependently() throws {
        let test = try onesCase(rate: 0.5, features: 100, batch: 100)
        var next = test
        next.randomKey = test.randomKey + 1
        let agreeing = zip(try output(test), try output(next)).count { $0 == $1 }
        #expect(abs(Double(agreeing) / 20_000 - 0.5) < 0.02)
    }

    @Test func gradientIsDroppedWhereTheValueWas() throws {
        let width = 50
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("dense", Dense(units: width)), LayerSpec("drop", Dropout(rate: 0.5)),
                LayerSpec("output", Output(units: 3, activation: .identity, loss: .mse)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 4))])
        let test = NetworkCase.random("dropout", graph: graph, steps: 1, batch: 1, seed: 3)
        let gradients = try FastRun(test).run(.training, team: team).gradients
        let biases = try #require(gradients.first { $0.name == "gradient of dense.b" }).values
        var ones = try onesCase(rate: 0.5, features: width, batch: 1)
        ones.randomKey = test.randomKey
        let mask = try output(ones).prefix(width)
        #expect(zip(biases, mask).allSatisfy { ($0 == 0) == ($1 == 0) })
        #expect(mask.contains(0) && mask.contains { $0 > 0 })
    }
}
