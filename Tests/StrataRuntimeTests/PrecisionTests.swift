import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// Networks whose products are in bfloat16, imitated where the processor has none.
@Suite(.serialized)
struct PrecisionTests {
    private static let teams =
        [1, 2, 3, 4].map { WorkerTeam(count: $0) } + [WorkerTeam(count: 2, shares: [0.3, 0.7])]

    /// Every kind of layer with products; gradients go through the inputs of each.
    private func network(_ first: any Layer, _ input: TensorSpec) throws -> Graph {
        try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("first", first),
                LayerSpec("between", Dense(units: 37, activation: .gelu)),
                LayerSpec("second", GravesLSTM(units: 21)), LayerSpec("output", Output(units: 5)),
            ]), inputs: [GraphInput("input", input)])
    }

    private func cases(units: Int) throws -> [NetworkCase] {
        try [TensorSpec(features: 9), TensorSpec(features: 6, values: .tokens)].flatMap { input in
            try MaskKind.allCases.enumerated().map { index, mask in
                let graph = try network(LSTM(units: units), input)
                // An odd number of rows leaves half a pair over.
                return NetworkCase.random(
                    "\(units) units on \(input), mask \(mask)", graph: graph, steps: 5,
                    batch: index % 2 == 0 ? 7 : 4, mask: mask, carriesStates: true,
                    seed: UInt64(units + index))
            }
        }
    }

    /// Each factor of a product is off by 2^-8 of it at most, 0.4 %.
    ///
    /// From layer to layer and step to step this adds up, the less so the more factors a sum has.
    @Test(arguments: [(1, 0.04), (8, 0.02), (33, 0.02), (64, 0.02)])
    func resultsAreNearFloat32(units: Int, tolerance: Double) throws {
        for test in try cases(units: units) {
            for mode in [ExecutionMode.training, .evaluation, .inference] {
                let expected = test.reference(mode)
                for kernels in Kernels.all {
                    let result = try FastRun(
                        test, for: mode, kernels: kernels, precision: .bfloat16
                    ).run(mode, team: Self.teams[1])
                    let far = ResultComparison.differences(result, expected, tolerance: tolerance)
                    #expect(far.isEmpty, "\(test), \(kernels.name): \(far)")
                    // Every gradient shows the rounding, which is far beyond that of float32.
                    for (values, wanted) in zip(result.gradients, expected.gradients) {
                        let error = ResultComparison.normalizedError(values.values, wanted.values)
                        #expect(error > 2e-5, "\(values.name) of \(test), \(kernels.name)")
                    }
                }
            }
        }
    }

    /// Where all factors have 8 bits from the start, nothing else is rounded.
    @Test(arguments: [1, 16, 33, 100])
    func nothingButFactorsIsRounded(units: Int) throws {
        let graph = try network(GravesLSTM(units: units), TensorSpec(features: 7))
        var test = NetworkCase.random(
            "rounded", graph: graph, steps: 1, batch: 5, carriesStates: true, seed: 3)
        test.parameters = test.parameters.map { $0.map(\.inBFloat16) }
        test.states = test.states.map { $0.map { $0.map { $0.map(\.inBFloat16) } } }
        test.inputs = test.inputs.map { input in
            guard case .values(let values) = input else { return input }
            return .values(values.map(\.inBFloat16))
        }
        for kernels in Kernels.all {
            let (half, full) = try (
                FastRun(test, kernels: kernels, precision: .bfloat16),
                FastRun(test, kernels: kernels)
            )
            _ = half.run(.evaluation, team: Self.teams[0])
            _ = full.run(.evaluation, team: Self.teams[0])
            let states = zip(half.executor.states(), full.executor.states())
            for (a, b) in states where a.name.hasPrefix("first") {
                let error = ResultComparison.normalizedError(
                    a.values.map(Double.init), b.values.map(Double.init))
                #expect(error < 1e-6, "\(a.name), \(kernels.name)")
            }
        }
    }

    @Test(arguments: [5, 33, 48, 65])
    func bitsDoNotDependOnTheNumberOfWorkers(batch: Int) throws {
        let graph = try network(LSTM(units: 33), TensorSpec(features: 9))
        let test = NetworkCase.random(
            "shared", graph: graph, steps: 3, batch: batch, mask: .holes, carriesStates: true,
            seed: UInt64(batch))
        for kernels in Kernels.all {
            let run = try FastRun(test, kernels: kernels, precision: .bfloat16)
            let first = run.run(.training, team: Self.teams[0]).bits
            for team in Self.teams.dropFirst() {
                try run.resetStates()
                #expect(run.run(.training, team: team).bits == first, "\(team.count) workers")
            }
        }
    }

    @Test func stepsOfOneSequenceAreThoseOfAWindow() throws {
        let graph = try network(LSTM(units: 20), TensorSpec(features: 6, values: .tokens))
        let tokens = [3, 1, 4, 1, 5]
        var test = NetworkCase.random("window", graph: graph, steps: 5, batch: 1, seed: 8)
        test.inputs = [.tokens(tokens)]
        for kernels in Kernels.all {
            let window = try FastRun(test, for: .inference, kernels: kernels, precision: .bfloat16)
            let whole = window.run(.inference, team: Self.teams[0])
            test.steps = 1
            let step = try FastRun(test, for: .inference, kernels: kernels, precision: .bfloat16)
            test.steps = 5
            for (index, token) in tokens.enumerated() {
                try #require(step.executor.tokens(ofInput: 0))[0] = Int32(token)
                step.executor.begin(.inference)
                Self.teams[0].run { step.executor.execute($0) }
                let view = step.executor.output(ofNode: 3)
                let expected = whole.outputs[0].values[index * 5..<(index + 1) * 5]
                #expect((0..<5).map { Double(view.row(0)[$0]) } == Array(expected))
            }
        }
    }

    @Test func slowKernelsComputeInFloat32UnlessTheyShallImitate() throws {
        for kernels in Kernels.all {
            #expect(Precision.float32.used(by: kernels) == .float32)
            #expect(Precision.bfloat16.used(by: kernels, imitates: true) == .bfloat16)
            #expect(
                Precision.bfloat16.used(by: kernels)
                    == (kernels.hasFastBFloat16 ? .bfloat16 : .float32))
        }
        #expect(Kernels.named("portable")?.hasFastBFloat16 == false)
    }
}

extension Float {
    fileprivate var inBFloat16: Float {
        Float(bitPattern: (bitPattern + 0x7FFF + (bitPattern >> 16 & 1)) & 0xFFFF_0000)
    }
}
