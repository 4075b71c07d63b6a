import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// Output layers go through their rows in blocks while they are trained and evaluated.
@Suite(.serialized)
struct OutputBlockTests {
    /// Every way in which a loss and an activation meet.
    private static let outputs = [
        Output(units: 70), Output(units: 5, activation: .sigmoid, loss: .binaryCrossEntropy),
        Output(units: 130, activation: .identity, loss: .mse),
        Output(units: 33, activation: .gelu, loss: .mae),
        Output(units: 64, activation: .tanh, loss: .mse),
        Output(units: 21, activation: .softmax, loss: .mse),
    ]
    private static let teams = [1, 3].map { WorkerTeam(count: $0) }
    /// How rows are cut; nil: not at all.
    private static let cuts: [(blockRows: Int?, team: WorkerTeam)] = [
        (nil, teams[0]), (1, teams[1]), (5, teams[0]), (12, teams[1]), (48, teams[0]),
        (32, teams[1]),
    ]

    /// 63 rows, of which some do not count.
    private static func test(_ output: Output, usesClasses: Bool, blockRows: Int?) throws
        -> NetworkCase
    {
        var graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("before", Dense(units: 19, activation: .tanh)), LayerSpec("next", output),
            ]), inputs: [GraphInput("input", TensorSpec(features: 4))])
        graph.nodes[1].plan.blockRows = blockRows
        return NetworkCase.random(
            "\(output.activation) \(output.loss) in blocks of \(blockRows ?? 63)", graph: graph,
            steps: 7, batch: 9, mask: .holes, carriesStates: false, usesClasses: usesClasses,
            seed: 5)
    }

    @Test(arguments: outputs.indices, [false, true])
    func resultsDoNotDependOnTheSizeOfBlocks(index: Int, usesClasses: Bool) throws {
        for kernels in Kernels.all {
            for mode in [ExecutionMode.training, .evaluation] {
                var bits: [UInt64] = []
                for (blockRows, team) in Self.cuts {
                    let test = try Self.test(
                        Self.outputs[index], usesClasses: usesClasses, blockRows: blockRows)
                    let result = try FastRun(test, kernels: kernels).run(mode, team: team)
                    if bits.isEmpty { bits = result.bits }
                    #expect(
                        result.bits == bits,
                        "\(test), \(kernels.name), \(team.count) workers, \(mode)")
                }
            }
        }
    }

    @Test(arguments: outputs.indices)
    func blocksMatchReference(index: Int) throws {
        for blockRows in [7, 48] {
            let test = try Self.test(
                Self.outputs[index], usesClasses: index == 0, blockRows: blockRows)
            let differences = try ResultComparison.fastDifferences(test, teams: Self.teams)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
        }
    }

    /// In bfloat16 a word holds two rows, so a cut falls between words, and between steps of them.
    @Test(arguments: outputs.indices, [false, true])
    func blocksInBFloat16AreNearTheReference(index: Int, usesClasses: Bool) throws {
        for kernels in Kernels.all {
            for mode in [ExecutionMode.training, .evaluation] {
                var bits: [UInt64] = []
                for (blockRows, team) in Self.cuts
                where (blockRows ?? 0) % (2 * kernels.pairStep) == 0 {
                    let test = try Self.test(
                        Self.outputs[index], usesClasses: usesClasses, blockRows: blockRows)
                    let result = try FastRun(test, kernels: kernels, precision: .bfloat16)
                        .run(mode, team: team)
                    if bits.isEmpty { bits = result.bits }
                    #expect(result.bits == bits, "\(test), \(kernels.name), \(mode)")
                    let far = ResultComparison.differences(
                        result, test.reference(mode), tolerance: 0.02)
                    #expect(far.isEmpty, "\(test), \(kernels.name), \(mode): \(far)")
                }
            }
        }
    }

    @Test func memoryOfALargeVocabularyDoesNotGrowWithTheWindow() throws {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [LayerSpec("next", Output(units: 20_000))]),
            inputs: [GraphInput("input", TensorSpec(features: 4))])
        // Both windows are cut into blocks of the same size.
        let (short, long) = (
            try Planner.plan(graph, steps: 24, batch: 20, for: .training),
            try Planner.plan(graph, steps: 240, batch: 20, for: .training)
        )
        let input = TensorSpec(features: 4).rowStride
        #expect(long.arenaCount - short.arenaCount == 216 * 20 * input)
    }
}
