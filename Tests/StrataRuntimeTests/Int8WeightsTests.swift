import StrataGraph
import StrataKernels
import StrataRuntime
import Testing

/// Steps of inference with weights in int8.
@Suite struct Int8WeightsTests {
    /// A matrix as its integers and the scales of its columns have it.
    private func quantised(_ matrix: [Float], columns: Int) -> [Float] {
        var result = matrix
        for column in 0..<columns {
            let places = Array(stride(from: column, to: matrix.count, by: columns))
            let largest = places.map { abs(matrix[$0]) }.max() ?? 0
            // A single number is kept, and zeros are.
            guard places.count > 1, largest > 0 else { continue }
            for place in places {
                let integer = (matrix[place] * (127 / largest)).rounded(.toNearestOrEven)
                result[place] = integer * (largest / 127)
            }
        }
        return result
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// What is left is the rounding of x and h, of which each is at most 1 / 65534 of their largest.
    @Test(arguments: Kernels.all.map(\.name), [1, 2, 7, 16, 33, 64, 100])
    func stepsAreThoseOfQuantisedMatrices(_ name: String, units: Int) throws {
        let (asked, reference, float32) = try SingleSteps(units: units).roundedOutputs(
            name, .int8, rounding: quantised)
        #expect(distance(asked, reference) < 1e-5)
        #expect(distance(asked, float32) < 0.01)
        #expect(distance(asked, float32) > 4 * distance(asked, reference))
    }

    @Test(arguments: Kernels.all.map(\.name), [(2, 1), (1, 2), (3, 5)])
    func windowsOfSeveralRowsEqualThoseOfQuantisedMatrices(
        _ name: String, size: (steps: Int, batch: Int)
    ) throws {
        let (asked, reference, _) = try SingleSteps(units: 33).roundedOutputs(
            name, .int8, steps: size.steps, batch: size.batch, rounding: quantised)
        #expect(asked.map(\.bitPattern) == reference.map(\.bitPattern))
    }

    @Test(arguments: [1, 7, 64, 600])
    func productsHaveTheSameBitsOnAllInstructionSets(units: Int) throws {
        let steps = try SingleSteps(productsOf: units)
        let (plan, parameters) = (try steps.plan(), try steps.parameters())
        let results = try Kernels.all.map { kernels in
            try steps.outputs(
                Executor(plan: plan, parameters: parameters, kernels: kernels, weights: .int8)
            ).map(\.bitPattern)
        }
        // With one unit the second product has a depth of one, which stays in float32.
        #expect(Set(results).count == 1)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity], [1, 2])
    func aWeightThatIsNotFiniteShows(_ value: Float, batch: Int) throws {
        let steps = try SingleSteps(units: 9)
        for name in ["lstm.W", "lstm.R", "graves.W", "dense.W", "output.W"] {
            let parameters = try steps.parameters()
            let entry = try #require(parameters.entries.first { $0.name == name })
            var matrix = parameters.read(entry)
            matrix[matrix.count / 2] = value
            parameters.write(entry, matrix)
            let outputs = try steps.outputs(
                Executor(
                    plan: try steps.plan(batch: batch), parameters: parameters, weights: .int8))
            #expect(outputs.contains { $0.isNaN }, "\(name)")
        }
    }
}
