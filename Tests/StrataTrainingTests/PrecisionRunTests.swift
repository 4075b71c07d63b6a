import StrataFormats
import StrataGraph
import StrataKernels
import StrataTraining
import Testing

/// Runs whose products are in bfloat16, imitated by kernels that are slow at it everywhere.
struct PrecisionRunTests {
    private static func spec(
        _ precision: Precision = .bfloat16, epochs: Int = 3
    ) -> ModelSpec {
        Tiny.spec {
            $0.precision = precision
            $0.epochs = epochs
        }
    }

    /// Runs until a step, or to the end, and returns what was told.
    @discardableResult
    private static func run(
        _ spec: ModelSpec, in folder: String, imitates: Bool = true, threads: Int = 1,
        until last: Int = .max, kernels: String = "portable"
    ) throws -> [RunEvent] {
        let run = try Tiny.run(spec, in: folder, threads: threads) {
            $0.kernels = kernels
            $0.imitatesBFloat16 = imitates
        }
        var events: [RunEvent] = []
        var step = 0
        _ = try run.run(
            shouldStop: { step >= last },
            observe: {
                events.append($0)
                if case .step(let progress) = $0 { step = progress.step }
            })
        return events
    }

    private static func losses(_ events: [RunEvent]) -> [Double] {
        events.compactMap { event in
            if case .epoch(let report) = event { report.trainLoss } else { nil }
        }
    }

    private static func precisions(_ events: [RunEvent]) -> [Precision] {
        events.compactMap { event in
            if case .ready(let summary) = event { summary.precision } else { nil }
        }
    }

    private static func warnings(_ events: [RunEvent]) -> [Precision] {
        events.compactMap { event in
            if case .slowPrecision(let precision) = event { precision } else { nil }
        }
    }

    @Test func networksLearnInBFloat16AlmostAsInFloat32() throws {
        let events = try withTemporaryFolder { try Self.run(Self.spec(), in: $0) }
        let float32 = try withTemporaryFolder { try Self.run(Self.spec(.float32), in: $0) }
        #expect(Self.precisions(events) == [.bfloat16] && Self.warnings(events) == [])
        let (losses, expected) = (Self.losses(events), Self.losses(float32))
        #expect(losses.count == 3 && losses[2] < 0.9 * losses[0], "\(losses)")
        #expect(losses != expected)
        for (loss, other) in zip(losses, expected) { #expect(abs(loss - other) < 0.02 * other) }
    }

    @Test func stoppedRunsEndInTheSameBits() throws {
        try withTemporaryFolder { straight in
            try withTemporaryFolder { stopped in
                try Self.run(Self.spec(), in: straight)
                for last in [1, 20, 33, 70] {
                    try Self.run(Self.spec(), in: stopped, threads: 1 + last % 3, until: last)
                }
                try Self.run(Self.spec(), in: stopped, threads: 2)
                try ResumeTests.expectSameFiles(straight, stopped)
            }
        }
    }

    @Test func slowKernelsSaySoOnceAndUseFloat32() throws {
        try withTemporaryFolder { asked in
            try withTemporaryFolder { plain in
                let events = try Self.run(Self.spec(), in: asked, imitates: false)
                #expect(Self.warnings(events) == [.bfloat16])
                #expect(Self.precisions(events) == [.float32])
                let float32 = try Self.run(Self.spec(.float32), in: plain, imitates: false)
                #expect(Self.warnings(float32) == [])
                let snapshots = try [asked, plain].map {
                    try Tiny.snapshot($0 + "/run/best.safetensors")
                }
                #expect(snapshots[0].tensors == snapshots[1].tensors)
                #expect(snapshots.map(\.facts.precision) == [.float32, .float32])
            }
        }
    }

    @Test(arguments: [true, false])
    func anotherUsedPrecisionIsRefused(imitates: Bool) throws {
        try withTemporaryFolder { folder in
            try Self.run(Self.spec(), in: folder, imitates: imitates, until: 5)
            let error = trainingError {
                try Self.run(Self.spec(), in: folder, imitates: !imitates)
            }
            guard case .mismatch(let message, let hint) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let (before, now) = imitates ? ("bfloat16", "float32") : ("float32", "bfloat16")
            #expect(message.contains("was computed in \(before), not in \(now)"), "\(message)")
            #expect(hint.contains("--fresh"))
            #expect(hint.contains("precision=float32") == !imitates)
        }
    }

    @Test func aRunThatFellBackGoesOnInFloat32() throws {
        try withTemporaryFolder { straight in
            try withTemporaryFolder { moved in
                try Self.run(Self.spec(.float32), in: straight)
                try Self.run(Self.spec(), in: moved, imitates: false, until: 40)
                let events = try Self.run(Self.spec(.float32), in: moved)
                #expect(Self.losses(events).count == 2)
                try ResumeTests.expectSameFiles(straight, moved)
            }
        }
    }

    /// Kernels that the processor has and that do not go by their own name in float32.
    private static let aliases = Kernels.all.filter {
        $0.instructionSet(in: .float32) != $0.name
    }

    @Test(arguments: aliases.map { ($0.name, $0.instructionSet(in: .float32)) })
    func kernelsWithTheSameBitsGoOnWithEachOthersRuns(kernels: String, other: String) throws {
        try withTemporaryFolder { straight in
            try withTemporaryFolder { moved in
                try Self.run(Self.spec(.float32), in: straight, kernels: kernels)
                try Self.run(Self.spec(.float32), in: moved, until: 20, kernels: other)
                try Self.run(Self.spec(.float32), in: moved, until: 40, kernels: kernels)
                try Self.run(Self.spec(.float32), in: moved, kernels: other)
                try ResumeTests.expectSameFiles(straight, moved)
            }
        }
    }

    @Test(arguments: aliases.map { ($0.name, $0.instructionSet(in: .float32)) })
    func inBFloat16TheyDoNot(kernels: String, other: String) throws {
        try withTemporaryFolder { folder in
            try Self.run(Self.spec(), in: folder, until: 5, kernels: kernels)
            let error = trainingError { try Self.run(Self.spec(), in: folder, kernels: other) }
            guard case .mismatch(let message, let hint) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(message.contains("with \(kernels) kernels, not \(other)"), "\(message)")
            #expect(hint.contains("--kernels \(kernels)"), "\(hint)")
        }
    }

    /// Kernels that would compute in float32 here are no way to go on in bfloat16.
    @Test(arguments: aliases.map { ($0.name, $0.instructionSet(in: .float32)) })
    func slowKernelsAreNotAdvised(kernels: String, other: String) throws {
        let isSlow = try #require(Kernels.named(other)).hasFastBFloat16 == false
        try withTemporaryFolder { folder in
            try Self.run(Self.spec(), in: folder, until: 5, kernels: other)
            let error = trainingError {
                try Self.run(Self.spec(), in: folder, imitates: false, kernels: kernels)
            }
            guard case .mismatch(_, let hint) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(hint.contains("--kernels") != isSlow && hint.contains("--fresh"), "\(hint)")
        }
    }

    /// Checkpoints name their precision since there is a choice.
    @Test(arguments: [nil, "float8"] as [String?])
    func checkpointsWithoutAPrecisionAreFloat32AndUnknownOnesAreRefused(name: String?) throws {
        try withTemporaryFolder { folder in
            try Self.run(Self.spec(.float32), in: folder, until: 40)
            let path = try RunFolder(name: "run", in: folder).checkpointPath(step: 40)
            var file = try Safetensors(reading: path)
            #expect(file.metadata["strata.precision"] == "float32")
            file.metadata["strata.precision"] = name
            try file.write(to: path)
            guard name != nil else {
                #expect(try Tiny.snapshot(path).facts.precision == .float32)
                return
            }
            let error = #expect(throws: FormatError.self) { try Tiny.snapshot(path) }
            #expect(error?.message.contains("'float8'") == true)
        }
    }
}
