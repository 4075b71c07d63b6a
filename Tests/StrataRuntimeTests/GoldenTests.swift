import StrataGraph
import StrataKernels
import StrataRuntime
import StrataTestSupport
import Testing

/// Both executors against numbers that PyTorch computed.
struct GoldenTests {
    private static let files = ["lstm.json", "graves_lstm.json", "dense.json", "losses.json"]

    /// What a training and an inference run give, put together as a golden file has it.
    private func combined(_ run: (ExecutionMode) throws -> CaseResult, like expected: CaseResult)
        throws -> CaseResult
    {
        var result = try run(.training)
        result.outputs = try run(.inference).outputs
        if expected.states.isEmpty { result.states = [] }
        return result
    }

    @Test(arguments: files)
    func referenceComputesWhatPyTorchDoes(file: String) throws {
        for golden in try Golden.load(file) {
            let result = try combined({ golden.test.reference($0) }, like: golden.expected)
            let differences = ResultComparison.differences(
                result, golden.expected, tolerance: 1e-9)
            #expect(differences.isEmpty, "\(golden): \(differences)")
        }
    }

    @Test(arguments: files)
    func fastExecutorComputesWhatPyTorchDoes(file: String) throws {
        let team = WorkerTeam(count: 2)
        for golden in try Golden.load(file) {
            for kernels in Kernels.all {
                let result = try combined(
                    { mode in
                        try FastRun(
                            golden.test, for: mode, kernels: kernels
                        ).run(mode, team: team)
                    }, like: golden.expected)
                let differences = ResultComparison.differences(
                    result, golden.expected, tolerance: 2e-5)
                #expect(differences.isEmpty, "\(golden), \(kernels.name): \(differences)")
            }
        }
    }

    @Test func goldensCoverEveryKindOfCase() throws {
        let cases = try Self.files.flatMap { try Golden.load($0) }
        #expect(cases.count >= 20)
        #expect(cases.contains { $0.test.mask != nil })
        #expect(cases.contains { $0.test.states != nil && !$0.expected.states.isEmpty })
    }
}
