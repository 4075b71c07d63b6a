import StrataGraph
import StrataLayers
import StrataSchema
import StrataTestSupport
import Testing

/// What plans for training, evaluation and inference have, and what they do without.
struct PlanPurposeTests {
    private static func graph(_ layers: [LayerSpec]) throws -> Graph {
        try GraphCompiler.compile(
            NetworkSpec(layers: layers), inputs: [GraphInput("input", TensorSpec(features: 3))])
    }

    private static func stack(units: Int) throws -> Graph {
        try graph([
            LayerSpec("lstm1", LSTM(units: units)), LayerSpec("lstm2", LSTM(units: units)),
            LayerSpec("next", Output(units: 3)),
        ])
    }

    private static func lifetime(_ id: BufferID, _ plan: ExecutionPlan) -> BufferSpec.Lifetime? {
        guard case .buffer(let node, let index) = id else { return nil }
        return plan.graph.nodes[node].plan.buffers[index].lifetime
    }

    @Test(arguments: 0..<60)
    func onlyTrainingHasGradients(seed: UInt64) throws {
        let graph = try RandomNetworks.network(seed: seed).compile()
        for precision in Precision.allCases {
            for purpose in [ExecutionMode.evaluation, .inference] {
                let plan = try Planner.plan(
                    graph, steps: 3, batch: 2, for: purpose, precision: precision)
                #expect(!plan.commands.contains { $0.phase == .backward })
                let losses = plan.commands.count { $0.phase == .loss && $0.operation != .barrier }
                let expected = graph.nodes.count { $0.layer is any LossLayer }
                #expect(losses == (purpose == .evaluation ? expected : 0))
                for id in plan.regions.keys {
                    if case .inputGradient = id { Issue.record("\(plan.name(of: id))") }
                    let lifetime = Self.lifetime(id, plan)
                    #expect(
                        lifetime?.servesGradientsOnly != true, "\(plan.name(of: id))")
                }
            }
        }
    }

    @Test(arguments: 0..<60)
    func trainingPreparesForBackwardWhatEvaluationDoesNot(seed: UInt64) throws {
        let graph = try RandomNetworks.network(seed: seed).compile()
        func prepared(_ purpose: ExecutionMode) throws -> Set<BufferID> {
            let plan = try Planner.plan(graph, steps: 3, batch: 2, for: purpose)
            return Set(plan.commands.filter { $0.phase == .prepare }.flatMap(\.writes))
        }
        let plan = try Planner.plan(graph, steps: 3, batch: 2, for: .training)
        let extra = try prepared(.training).subtracting(prepared(.evaluation))
        #expect(extra.allSatisfy { Self.lifetime($0, plan)?.servesGradientsOnly == true })
        #expect(try prepared(.evaluation) == prepared(.inference))
    }

    @Test func evaluationReusesTheMemoryOfALayerForTheNext() throws {
        let graph = try Self.stack(units: 64)
        func floats(_ purpose: ExecutionMode) throws -> Int {
            try Planner.plan(graph, steps: 50, batch: 16, for: purpose).arenaCount
        }
        #expect(try floats(.evaluation) < floats(.training) / 2)
        // Gates take more than all else that forward writes; both layers use the same.
        let plan = try Planner.plan(graph, steps: 50, batch: 16, for: .evaluation)
        let gates = plan.regions.values.filter { plan.name(of: $0.buffer).hasSuffix(".gates") }
        #expect(gates.count == 2)
        #expect(Set(gates.map(\.offset)).count == 1)
    }

    /// Elsewhere a step's cells take the place of those before, in the carried state.
    @Test func onlyTrainingKeepsTheCellsOfAllSteps() throws {
        let graph = try Self.stack(units: 4)
        for purpose in ExecutionMode.allCases {
            let plan = try Planner.plan(graph, steps: 5, batch: 2, for: purpose)
            #expect(PlanChecker.violations(in: plan) == [])
            let names = Set(plan.regions.keys.map { plan.name(of: $0) })
            #expect(names.contains("lstm1.cells") == (purpose == .training))
            func written(_ operation: Command.Operation) throws -> Set<BufferID> {
                Set(try #require(plan.commands.first { $0.operation == operation }).writes)
            }
            let (h, c) = (BufferID.state(node: 0, index: 0), BufferID.state(node: 0, index: 1))
            let trains = purpose == .training
            #expect(try written(.forward(0)).intersection([h, c]) == (trains ? [] : [c]))
            #expect(try written(.carry(0)) == (trains ? [h, c] : [h]))
        }
    }

    @Test func evaluationCountsTheOperationsOfForwardAlone() throws {
        let graph = try Self.stack(units: 8)
        let training = try Planner.plan(graph, steps: 5, batch: 2, for: .training)
        let evaluation = try Planner.plan(graph, steps: 5, batch: 2, for: .evaluation)
        let inference = try Planner.plan(graph, steps: 5, batch: 2, for: .inference)
        #expect(evaluation.flopsByKind == CommandFlops(forward: training.flopsByKind.forward))
        #expect(evaluation.flops == inference.flops)
    }

    @Test func checkerFindsWhatAPlanIsNotFor() throws {
        let graph = try Self.stack(units: 4)
        for (made, claimed) in [
            (ExecutionMode.training, ExecutionMode.evaluation), (.training, .inference),
            (.evaluation, .inference),
        ] {
            var plan = try Planner.plan(graph, steps: 3, batch: 2, for: made)
            #expect(PlanChecker.violations(in: plan) == [])
            plan.purpose = claimed
            let found = PlanChecker.violations(in: plan)
            #expect(found.contains { $0.contains("is of no use for \(claimed)") })
            #expect(found.contains { $0.contains("takes memory") } == (made == .training))
        }
    }

    @Test func evaluationNeedsALoss() throws {
        let graph = try Self.graph([LayerSpec("a", Dense(units: 2))])
        let error = #expect(throws: ConfigurationError.self) {
            try Planner.plan(graph, steps: 3, batch: 2, for: .evaluation)
        }
        #expect(error?.diagnostics.map(\.code) == [.graph])
        #expect(error?.description.contains("cannot be evaluated") == true)
    }

    @Test func descriptionOfAnEvaluationIsWhatIsKept() throws {
        let text = try Planner.plan(Self.stack(units: 4), steps: 5, batch: 2, for: .evaluation)
            .description
        #expect(try Snapshot.kept("plan-evaluation.txt", new: text) == text)
    }

    private static func stack(_ precision: Precision) throws -> ExecutionPlan {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("first", LSTM(units: 16)), LayerSpec("second", LSTM(units: 32)),
                LayerSpec("next", Output(units: 5)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 7))])
        return try Planner.plan(graph, steps: 3, batch: 2, for: .training, precision: precision)
    }

    /// Floats of a buffer of a node; nil where the plan lacks it.
    private static func size(_ name: String, _ node: Int, _ plan: ExecutionPlan) -> Int? {
        plan.graph.nodes[node].plan.buffers.firstIndex { $0.name == name }
            .flatMap { plan.regions[.buffer(node: node, index: $0)]?.count }
    }

    @Test func weightsAreTransposedForInputsThatNeedAGradientOnly() throws {
        let plan = try Self.stack(.float32)
        #expect(Self.size("packedWT", 0, plan) == nil)
        #expect(Self.size("packedRT", 0, plan) == 64 * 64)
        #expect(Self.size("packedWT", 1, plan) == 128 * 64)
        #expect(Self.size("packedWT", 2, plan) == 5 * 64)
    }

    @Test func packedWeightsTakeHalfAsMuchInPairs() throws {
        let plan = try Self.stack(.bfloat16)
        #expect(Self.size("packedW", 0, plan) == 4 * 64)
        #expect(Self.size("packedR", 1, plan) == 16 * 128)
        #expect(Self.size("packedRT", 1, plan) == 64 * 64)
        #expect(Self.size("packedWT", 2, plan) == 3 * 64)
    }
}
