import StrataGraph
import StrataLayers
import StrataSchema
import StrataTestSupport
import Testing

struct PlanTests {
    private func plan(
        _ layers: [LayerSpec], for purpose: ExecutionMode, steps: Int = 5, batch: Int = 2
    ) throws -> ExecutionPlan {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: layers), inputs: [GraphInput("input", TensorSpec(features: 3))])
        return try Planner.plan(graph, steps: steps, batch: batch, for: purpose)
    }

    private var chain: [LayerSpec] {
        [
            LayerSpec("lstm1", LSTM(units: 4)), LayerSpec("drop", Dropout()),
            LayerSpec("lstm2", GravesLSTM(units: 4)), LayerSpec("hidden", Dense(units: 4)),
            LayerSpec("next", Output(units: 3)),
        ]
    }

    // MARK: The checker

    @Test(arguments: 0..<150)
    func plansOfRandomNetworksAreSound(seed: UInt64) throws {
        let graph = try RandomNetworks.network(seed: seed).compile()
        for purpose in ExecutionMode.allCases {
            for precision in Precision.allCases {
                let plan = try Planner.plan(
                    graph, steps: 3, batch: 2, for: purpose, precision: precision)
                #expect(PlanChecker.violations(in: plan) == [])
            }
        }
    }

    @Test func checkerFindsEveryMissingBarrier() throws {
        let sound = try plan(chain, for: .training)
        let barriers = sound.commands.indices.filter { sound.commands[$0].operation == .barrier }
        // After the last barrier nothing runs.
        for index in barriers.dropLast() {
            var broken = sound
            broken.commands[index].operation = .forward(0)
            #expect(
                PlanChecker.violations(in: broken).contains { $0.contains("still be running") },
                "without the barrier \(index)")
        }
    }

    @Test func checkerFindsEveryDroppedWrite() throws {
        let sound = try plan(chain, for: .training)
        for (index, command) in sound.commands.enumerated() {
            for (slot, id) in command.writes.enumerated() {
                let isRead = sound.commands.contains {
                    $0.operation != command.operation && $0.reads.contains(id)
                }
                let isOnlyWrite = sound.commands.count { $0.writes.contains(id) } == 1
                guard isRead, isOnlyWrite, !isState(id) else { continue }
                var broken = sound
                broken.commands[index].writes.remove(at: slot)
                let found = PlanChecker.violations(in: broken)
                #expect(found.contains { $0.contains("before it is written") }, "\(id)")
            }
        }
    }

    private func isState(_ id: BufferID) -> Bool { if case .state = id { true } else { false } }

    @Test func descriptionCountsZeroOperationsToo() throws {
        // Nobody needs the gradient of the network's input.
        let text = try plan([LayerSpec("next", Output(units: 3))], for: .training).description
        #expect(text.contains("gradients of data 0, of weights"), "\(text)")
    }

    @Test func checkerFindsSharedMemory() throws {
        let sound = try plan(chain, for: .training)
        let regions = sound.regions.values.sorted { $0.offset < $1.offset }
        for (a, b) in zip(regions, regions.dropFirst()) where a.live.overlaps(b.live) {
            var broken = sound
            broken.regions[b.buffer]?.offset = a.offset
            #expect(PlanChecker.violations(in: broken).contains { $0.contains("share memory") })
        }
    }

    @Test func checkerFindsMemoryThatIsAbsentOutsideOrDead() throws {
        let sound = try plan(chain, for: .training)
        for (id, region) in sound.regions {
            var broken = sound
            broken.regions[id] = nil
            #expect(PlanChecker.violations(in: broken).contains { $0.contains("no memory") })
            broken = sound
            broken.regions[id]?.offset = sound.arenaCount
            #expect(PlanChecker.violations(in: broken).contains { $0.contains("outside") })
            broken = sound
            let past = region.live.upperBound + 1
            broken.regions[id]?.live = past...past
            #expect(PlanChecker.violations(in: broken).contains { $0.contains("after its life") })
        }
    }

    // MARK: Memory

    @Test func inferenceSharesMemory() throws {
        let layers = (0..<6).map { LayerSpec("dense\($0)", Dense(units: 64, activation: .tanh)) }
        let inference = try plan(layers, for: .inference, steps: 50, batch: 8)
        let sum = inference.regions.values.reduce(0) { $0 + $1.count }
        #expect(inference.arenaCount < sum * 3 / 4)
        let training = try plan(
            layers + [LayerSpec("output", Output(units: 2))], for: .training, steps: 50, batch: 8)
        #expect(inference.arenaCount < training.arenaCount / 2)
    }

    @Test func regionsStartAtCacheLines() throws {
        let regions = try plan(chain, for: .training).regions.values
        #expect(regions.allSatisfy { $0.offset % 16 == 0 && $0.count % 16 == 0 })
    }

    @Test func planIsTheSameEveryTime() throws {
        let first = try plan(chain, for: .training)
        for _ in 0..<5 {
            let again = try plan(chain, for: .training)
            #expect(again.commands == first.commands && again.regions == first.regions)
        }
    }

    @Test(arguments: [(0, 1), (1, 0), (-1, 5)])
    func emptyWindowsAreRefused(steps: Int, batch: Int) {
        let error = #expect(throws: ConfigurationError.self) {
            try plan(chain, for: .training, steps: steps, batch: batch)
        }
        #expect(error?.diagnostics.map(\.code) == [.outOfRange])
    }

    @Test(arguments: [(1 << 24, 1 << 24), (Int.max, 2), (1 << 38, 1)])
    func windowsBeyondAnyMemoryAreRefused(steps: Int, batch: Int) {
        let error = #expect(throws: ConfigurationError.self) {
            try plan(chain, for: .inference, steps: steps, batch: batch)
        }
        #expect(error?.diagnostics.map(\.code) == [.limit])
    }

    @Test func trainingNeedsALoss() {
        let error = #expect(throws: ConfigurationError.self) {
            try plan([LayerSpec("a", Dense(units: 2))], for: .training)
        }
        #expect(error?.diagnostics.first?.message.contains("no loss") == true)
    }

    // MARK: Operations

    @Test func operationsOfRecurrentLayersAreCountedByKind() throws {
        let plan = try plan(
            [
                LayerSpec("lstm1", LSTM(units: 4)), LayerSpec("lstm2", LSTM(units: 6)),
                LayerSpec("next", Output(units: 3)),
            ], for: .training, steps: 5, batch: 2)
        let counts = plan.commands.map { ($0, plan.flops(of: $0)) }
        func flops(_ operation: Command.Operation) -> CommandFlops? {
            counts.first { $0.0.operation == operation }?.1
        }
        let rows = 5 * 2
        // Nobody needs the gradient of the network's input; that of the steps before is needed.
        let first = rows * 8 * 4
        #expect(flops(.forward(0)) == CommandFlops(forward: first * (3 + 4)))
        #expect(flops(.backward(0)) == CommandFlops(data: first * 4, weights: first * (3 + 4)))
        let second = rows * 8 * 6 * (4 + 6)
        #expect(flops(.backward(1)) == CommandFlops(data: second, weights: second))
        let next = rows * 2 * 6 * 3
        #expect(flops(.loss(2)) == CommandFlops(forward: next, data: next, weights: next))
        #expect(flops(.forward(2)) == nil && flops(.backward(2)) == nil)
        #expect(plan.flops == 2 * first * 7 + first * 4 + 3 * second + 3 * next)
    }

    @Test func buffersOfAnotherPrecisionTakeNoMemory() throws {
        let graph = try plan(chain, for: .training).graph
        func names(_ precision: Precision) throws -> Set<String> {
            let plan = try Planner.plan(
                graph, steps: 5, batch: 2, for: .training, precision: precision)
            return Set(plan.regions.keys.map { plan.name(of: $0) })
        }
        let (float32, bfloat16) = (try names(.float32), try names(.bfloat16))
        #expect(float32.isSubset(of: bfloat16))
        let halves = ["lstm1", "lstm2"].flatMap {
            ["\($0).gatesHalf", "\($0).hHalf", "\($0).xHalf"]
        }
        let dense = [
            "hidden.xHalf", "hidden.gradientHalf", "next.xHalfOfBlock", "next.gradientHalf",
        ]
        #expect(bfloat16.subtracting(float32) == Set(halves + dense))
    }

    // MARK: Distinct rows

    private func embeddingPlan(
        _ layers: [LayerSpec], classes: Int = 8, steps: Int = 4, batch: Int = 4
    ) throws -> ExecutionPlan {
        let tokens = TensorSpec(features: classes, values: .tokens)
        let graph = try GraphCompiler.compile(
            NetworkSpec(
                layers: [LayerSpec("table", Embedding(units: 5))] + layers
                    + [LayerSpec("next", Output(units: 3))]),
            inputs: [GraphInput("input", tokens)])
        return try Planner.plan(graph, steps: steps, batch: batch, for: .training)
    }

    @Test func onlyDistinctRowsOfAnEmbeddingAreStoredAndMultiplied() throws {
        let plan = try embeddingPlan([LayerSpec("lstm", LSTM(units: 4))])
        #expect(PlanChecker.violations(in: plan) == [])
        let stride = TensorSpec.rowStride(5)
        #expect(plan.regions[.output(0)]?.count == 8 * stride)
        #expect(plan.regions[.inputGradient(node: 1, slot: 0)]?.count == 8 * stride)
        let forward = try #require(plan.commands.first { $0.operation == .forward(1) })
        #expect(forward.reads.contains(.input(0)))
        #expect(plan.flops(of: forward).forward == 8 * 4 * (5 * 8 + 4 * 16))
    }

    @Test func allRowsAreStoredWhereThatIsNoMoreOrAReaderNeedsThem() throws {
        let lstm = LayerSpec("lstm", LSTM(units: 4), from: ["table"])
        let plans = try [
            // More classes than half of the rows.
            embeddingPlan([lstm], classes: 9),
            embeddingPlan([LayerSpec("dense", Dense(units: 4))]),
            embeddingPlan([
                lstm, LayerSpec("dense", Dense(units: 4), from: ["table"]),
                LayerSpec("both", Dense(units: 4), from: ["lstm", "dense"]),
            ]),
        ]
        for plan in plans {
            #expect(PlanChecker.violations(in: plan) == [])
            #expect(plan.regions[.output(0)]?.count == 16 * TensorSpec.rowStride(5))
        }
    }

    @Test func shorterWindowsOfAPlansGraphStoreAllRowsAgain() throws {
        let graph = try embeddingPlan([LayerSpec("lstm", LSTM(units: 4))]).graph
        let short = try Planner.plan(graph, steps: 1, batch: 1, for: .training)
        #expect(short.graph.nodes[0].plan.output.distinctRows == nil)
        #expect(PlanChecker.violations(in: short) == [])
    }

    // MARK: The printed plan

    @Test func descriptionListsCommandsAndMemory() throws {
        let layers = [
            LayerSpec("lstm1", LSTM(units: 4)), LayerSpec("lstm2", LSTM(units: 4)),
            LayerSpec("next", Output(units: 3)),
        ]
        let text = try plan(layers, for: .training).description
        #expect(try Snapshot.kept("plan.txt", new: text) == text)
    }
}
