import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataTestSupport
import Testing

/// Evaluation and inference compute what training would, and take no memory for gradients.
@Suite(.serialized)
struct PurposeTests {
    private static let teams = [1, 2, 3].map { WorkerTeam(count: $0) }

    private static func network(_ output: Output) throws -> Graph {
        try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("lstm", LSTM(units: 21)), LayerSpec("graves", GravesLSTM(units: 18)),
                LayerSpec("dense", Dense(units: 17, activation: .gelu)), LayerSpec("next", output),
            ]), inputs: [GraphInput("input", TensorSpec(features: 7))])
    }

    /// Each way in which an output layer keeps what the derivative of its activation needs.
    private static let outputs = [
        Output(units: 40), Output(units: 9, activation: .swish, loss: .mse),
        Output(units: 70, activation: .tanh, loss: .mae),
        Output(units: 5, activation: .softmax, loss: .mse),
    ]

    @Test(arguments: outputs.indices, Precision.allCases)
    func evaluationHasTheBitsOfATrainingPlan(output: Int, precision: Precision) throws {
        let test = NetworkCase.random(
            "purposes", graph: try Self.network(Self.outputs[output]), steps: 6, batch: 33,
            mask: .holes, carriesStates: true, seed: UInt64(output))
        for kernels in Kernels.all {
            let training = try FastRun(test, kernels: kernels, precision: precision)
            let evaluation = try FastRun(
                test, for: .evaluation, kernels: kernels, precision: precision)
            // Training in between leaves gradients and activations where evaluation computes.
            _ = training.run(.training, team: Self.teams[0])
            for team in Self.teams {
                try training.resetStates()
                try evaluation.resetStates()
                let (wanted, found) = (
                    training.run(.evaluation, team: team), evaluation.run(.evaluation, team: team)
                )
                #expect(wanted.loss.map { $0 > 0 } == true)
                #expect(found.bits == wanted.bits, "\(kernels.name), \(team.count) workers")
            }
        }
    }

    @Test func onlyExecutorsThatTrainHaveGradients() throws {
        let graph = try Self.network(Self.outputs[0])
        let parameters = try ParameterStore(graph: graph)
        for (purpose, count) in [
            (ExecutionMode.training, parameters.count), (.evaluation, 0), (.inference, 0),
        ] {
            let plan = try Planner.plan(graph, steps: 2, batch: 3, for: purpose)
            let executor = try Executor(plan: plan, parameters: parameters)
            #expect(executor.gradients.count == count, "\(purpose)")
        }
    }

    /// One number for each row is enough, where dense targets would be as wide as the vocabulary.
    @Test func classesTakeNoMemoryForDenseTargets() throws {
        func executor(_ target: TargetSpec?) throws -> (Executor, bytes: Double) {
            let graph = try GraphCompiler.compile(
                NetworkSpec(layers: [LayerSpec("next", Output())]),
                inputs: [GraphInput("input", TensorSpec(features: 7))], target: target)
            let plan = try Planner.plan(graph, steps: 5, batch: 3, for: .evaluation)
            return (
                try Executor(plan: plan, parameters: try ParameterStore(graph: graph)),
                Executor.bytes(for: plan)
            )
        }
        let (classes, fewer) = try executor(.classes(1000))
        // Probabilities of classes.
        let (rows, more) = try executor(.values(1000))
        #expect(classes.losses.values.map(\.values.count) == [0])
        #expect(rows.losses.values.map(\.values.count) == [15 * TensorSpec.rowStride(1000)])
        #expect(more - fewer == Double(4 * 15 * TensorSpec.rowStride(1000)))
    }

    @Test func memoryIsCountedByPurpose() throws {
        let graph = try Self.network(Self.outputs[0])
        func bytes(_ purpose: ExecutionMode) throws -> (all: Double, arena: Double) {
            let plan = try Planner.plan(graph, steps: 20, batch: 8, for: purpose)
            return (Executor.bytes(for: plan), Double(4 * plan.arenaCount))
        }
        let (training, evaluation, inference) = try (
            bytes(.training), bytes(.evaluation), bytes(.inference)
        )
        let gradients = Double(4 * graph.parameterCount)
        #expect(
            training.all - training.arena == evaluation.all - evaluation.arena + gradients)
        // Inference compares with nothing.
        #expect(inference.all - inference.arena == Double(4 * 20 * 8))
        #expect(evaluation.all < training.all / 2)
    }
}
