import StrataGraph
import StrataKernels
import StrataRuntime
import Testing

/// Steps of inference with weights in bfloat16.
@Suite struct HalfWeightsTests {
    private func roundedToHalf(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }

    @Test(arguments: Kernels.all.map(\.name), [1, 7, 16, 33, 64, 100])
    func stepsEqualThoseOfRoundedMatrices(_ name: String, units: Int) throws {
        let (halved, reference, float32) = try SingleSteps(units: units).roundedOutputs(
            name, .bfloat16
        ) { matrix, _ in matrix.map(roundedToHalf) }
        #expect(halved.map(\.bitPattern) == reference.map(\.bitPattern))
        #expect(halved != float32)
        #expect(zip(halved, float32).allSatisfy { abs($0 - $1) < 0.02 })
    }

    @Test(arguments: [WeightPrecision.bfloat16, .int8])
    func stepsDoNotDependOnTheNumberOfWorkers(weights: WeightPrecision) throws {
        let steps = try SingleSteps(units: 100)
        let plan = try steps.plan()
        let parameters = try steps.parameters()
        let alone = try steps.outputs(
            Executor(plan: plan, parameters: parameters, weights: weights))
        for workers in 2...4 {
            let shared = try steps.outputs(
                Executor(plan: plan, parameters: parameters, weights: weights), workers: workers)
            #expect(shared.map(\.bitPattern) == alone.map(\.bitPattern))
        }
    }

    @Test(arguments: Kernels.all.map(\.name), [(2, 1), (1, 2), (3, 5)])
    func windowsOfSeveralRowsEqualThoseOfRoundedMatrices(
        _ name: String, size: (steps: Int, batch: Int)
    ) throws {
        let (asked, reference, _) = try SingleSteps(units: 33).roundedOutputs(
            name, .bfloat16, steps: size.steps, batch: size.batch
        ) { matrix, _ in matrix.map(roundedToHalf) }
        #expect(asked.map(\.bitPattern) == reference.map(\.bitPattern))
    }

    /// A plan in bfloat16 has its weights in pairs already.
    @Test(arguments: Kernels.all.map(\.name), [1, 7, 33, 64, 100])
    func weightsOfABFloat16PlanStayInPairs(_ name: String, units: Int) throws {
        let kernels = try #require(Kernels.named(name))
        let steps = try SingleSteps(units: units)
        let (plan, parameters) = (try steps.plan(precision: .bfloat16), try steps.parameters())
        let results = try WeightPrecision.allCases.map { weights in
            try steps.outputs(
                Executor(plan: plan, parameters: parameters, kernels: kernels, weights: weights))
        }
        #expect(results.allSatisfy { $0 == results[0] && $0.allSatisfy(\.isFinite) })
    }
}
