import Foundation
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining
import Testing

/// A run that is stopped and goes on gives the same bits as one that never stopped.
struct ResumeTests {
    /// Goes on with fresh objects each time, stopping at random steps, until the run is done.
    private static func finishInPieces(
        _ spec: ModelSpec, in folder: String, seed: UInt64
    ) throws -> Int {
        var random = CounterRandom(key: seed)
        for piece in 0..<200 {
            var stepsLeft = 1 + Int(random.uniform() * 13)
            let threads = 1 + Int(random.uniform() * 4)
            let run = try Tiny.run(spec, in: folder, threads: threads)
            let result = try run.run(
                shouldStop: {
                    stepsLeft -= 1
                    return stepsLeft <= 0
                }, observe: { _ in })
            guard case .interrupted = result else { return piece }
        }
        Issue.record("the run never ends")
        return 0
    }

    static func expectSameFiles(_ a: String, _ b: String) throws {
        for name in ["metrics.jsonl", "best.safetensors"] {
            #expect(try bytes(of: "\(a)/run/\(name)") == bytes(of: "\(b)/run/\(name)"), "\(name)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: a + "/run/checkpoints")
        let last = try #require(names.max())
        let path = "/run/checkpoints/" + last
        #expect(try bytes(of: a + path) == bytes(of: b + path), "\(last)")
        #expect(try Tiny.snapshot(a + path).tensors == Tiny.snapshot(b + path).tensors)
    }

    @Test(arguments: [true, false], [UInt64](1...4))
    func stoppedRunsEndInTheSameBits(carries: Bool, seed: UInt64) throws {
        let optimizers: [any Optimizer] = [
            Adam(learningRate: 0.01), SGD(learningRate: 0.1, momentum: 0.9), SGD(learningRate: 0.1),
            RMSProp(learningRate: 0.01),
        ]
        let spec = Tiny.spec {
            $0.carryState = carries
            $0.optimizer = OptimizerSpec(optimizers[Int(seed) - 1])
            $0.checkpoints.every = seed % 2 == 0 ? 5 : nil
            $0.clip.norm = 1
            $0.l2 = 1e-3
        }
        try withTemporaryFolder { straight in
            try withTemporaryFolder { stopped in
                #expect(try Tiny.finish(spec, in: straight) == .completed)
                #expect(try Self.finishInPieces(spec, in: stopped, seed: seed) > 3)
                try Self.expectSameFiles(straight, stopped)
            }
        }
    }

    @Test func stopDuringEvaluationLosesNothing() throws {
        let spec = Tiny.spec()
        try withTemporaryFolder { straight in
            try withTemporaryFolder { stopped in
                try Tiny.finish(spec, in: straight)
                let first = try Tiny.run(spec, in: stopped)
                var step = 0
                // The first time that it asks again before another step, it evaluates.
                var askedAt = -1
                let result = try first.run(
                    shouldStop: {
                        defer { askedAt = step }
                        return askedAt == step
                    }, observe: { if case .step(let progress) = $0 { step = progress.step } })
                #expect(result == .interrupted(step: step))
                #expect(step == 33)
                try Tiny.finish(spec, in: stopped)
                try Self.expectSameFiles(straight, stopped)
            }
        }
    }

    /// A stop at the very end of an epoch, then a kill between the epoch's line of metrics and the
    /// checkpoint that knows of it.
    @Test func epochIsReportedOnceAfterAKillBeforeItsCheckpoint() throws {
        let spec = Tiny.spec()
        try withTemporaryFolder { straight in
            try withTemporaryFolder { stopped in
                try Tiny.finish(spec, in: straight)
                var step = 0
                let result = try Tiny.run(spec, in: stopped).run(
                    shouldStop: { step == 33 },
                    observe: { if case .step(let progress) = $0 { step = progress.step } })
                #expect(result == .interrupted(step: 33))
                let lines = try bytes(of: straight + "/run/metrics.jsonl")
                    .split(separator: UInt8(ascii: "\n"))
                #expect(lines[33].starts(with: Array(#"{"step":33,"epoch":1,"train_loss""#.utf8)))
                let path = stopped + "/run/metrics.jsonl"
                try write(
                    try bytes(of: path) + Array(lines[33]) + [UInt8(ascii: "\n")], to: path)
                try Tiny.finish(spec, in: stopped)
                try Self.expectSameFiles(straight, stopped)
            }
        }
    }

    /// The error of going on after the newest checkpoint was changed.
    private static func resumeError(
        _ change: (_ run: RunFolder, _ newest: String) throws -> Void
    ) throws -> FormatError {
        try withTemporaryFolder { folder in
            let spec = Tiny.spec { $0.checkpoints.every = 10 }
            _ = try Tiny.finish(Tiny.spec { $0.maximumSteps = 40 }, in: folder)
            let run = try RunFolder(name: "run", in: folder)
            try change(run, run.checkpointPath(step: 40))
            let error = trainingError { try Tiny.finish(spec, in: folder) }
            guard case .file(let found) = error else {
                Issue.record("\(String(describing: error))")
                return FormatError(.missing, "")
            }
            return found
        }
    }

    @Test func checkpointUnderAnotherStepsNameIsRefused() throws {
        let error = try Self.resumeError { run, newest in
            try write(try bytes(of: newest), to: run.checkpointPath(step: 41))
        }
        #expect(error.kind == .contentInvalid)
        #expect(error.message == "the checkpoint is of step 40, but its name says 41")
    }

    @Test(arguments: [("window", 34), ("window", 8), ("epoch", 0), ("reported_step", 41)])
    func positionThatTheDataDoNotHaveIsRefused(key: String, value: Int) throws {
        let error = try Self.resumeError { _, newest in
            var file = try Safetensors(reading: newest)
            let text = try #require(file.metadata["strata.progress"])
            let progress = try #require(try JSONReader.read(text).pairs)
            file.metadata["strata.progress"] =
                ConfigValue.map(
                    progress.map { $0.key == key ? .init(key, .int(value)) : $0 }
                ).json()
            try file.write(to: newest)
        }
        #expect(error.kind == .contentInvalid && error.message.contains("epoch has 33"))
    }

    @Test func checkpointWithoutAChecksumIsNotGoneOnFrom() throws {
        let error = try Self.resumeError { _, newest in
            try write(try withoutSeal(try bytes(of: newest)), to: newest)
        }
        #expect(error.kind == .contentInvalid && error.message.contains("checksum"))
        #expect(error.hint?.contains("--fresh") == true)
    }

    @Test func moreEpochsGoOn() throws {
        try withTemporaryFolder { straight in
            try withTemporaryFolder { extended in
                try Tiny.finish(Tiny.spec { $0.epochs = 3 }, in: straight)
                try Tiny.finish(Tiny.spec { $0.epochs = 2 }, in: extended)
                try Tiny.finish(Tiny.spec { $0.epochs = 3 }, in: extended)
                let metrics = try ["/run/metrics.jsonl"].map {
                    (try bytes(of: straight + $0), try bytes(of: extended + $0))
                }
                #expect(metrics.allSatisfy { $0 == $1 })
            }
        }
    }

    @Test func moreStepsGoOnWithinTheEpoch() throws {
        try withTemporaryFolder { straight in
            try withTemporaryFolder { extended in
                try Tiny.finish(Tiny.spec { $0.maximumSteps = 50 }, in: straight)
                for steps in [10, 11, 40, 50] {
                    let spec = Tiny.spec { $0.maximumSteps = steps }
                    #expect(try Tiny.finish(spec, in: extended) == .completed)
                    #expect(
                        try Tiny.finish(spec, in: extended) == .alreadyCompleted(.maximumSteps))
                }
                let path = "/run/checkpoints/step-000000050.safetensors"
                let snapshots = try [straight, extended].map { try Tiny.snapshot($0 + path) }
                #expect(snapshots[0].tensors == snapshots[1].tensors)
                #expect(
                    snapshots[0].facts.progress.position == snapshots[1].facts.progress.position)
            }
        }
    }

    @Test func otherSettingsAreRefusedByName() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec { $0.epochs = 1 }, in: folder)
            var layers = Tiny.layers
            layers[1] = LayerSpec("lstm", LSTM(units: 9))
            let other = Tiny.spec(layers) {
                $0.l2 = 0.5
                $0.optimizer = OptimizerSpec(Adam(learningRate: 0.02))
            }
            let error = trainingError { try Tiny.finish(other, in: folder) }
            guard case .mismatch(let message, let hint) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            for part in [
                "network.layers.lstm.units was 8, is 9", "training.l2 was 0, is 0.5",
                "training.optimizer.learning_rate was 0.01, is 0.02",
            ] {
                #expect(message.contains(part), "\(message)")
            }
            #expect(!message.contains("epochs"))
            #expect(hint.contains("--fresh"))
        }
    }

    @Test func reorderedLayersAreRefused() throws {
        let layers = [
            LayerSpec("a", LSTM(units: 4), from: ["input"]),
            LayerSpec("b", GravesLSTM(units: 4), from: ["input"]),
            LayerSpec("next", Output(), from: ["a", "b"]),
        ]
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec(layers) { $0.epochs = 1 }, in: folder)
            let swapped = Tiny.spec([layers[1], layers[0], layers[2]]) { $0.epochs = 1 }
            guard
                case .mismatch(let message, _) = trainingError({
                    try Tiny.finish(swapped, in: folder)
                })
            else {
                Issue.record("the order of layers was not compared")
                return
            }
            #expect(message.contains("order"))
        }
    }

    @Test func otherDataAreRefused() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec { $0.epochs = 1 }, in: folder)
            guard
                case .mismatch(let message, _) = trainingError({
                    try Tiny.finish(Tiny.spec(), in: folder, data: Tiny.data(seed: 9))
                })
            else {
                Issue.record("the data were not compared")
                return
            }
            #expect(message.contains("data"))
        }
    }

    @Test func freshStartsOverToTheSameBits() throws {
        let spec = Tiny.spec { $0.epochs = 2 }
        try withTemporaryFolder { folder in
            try Tiny.finish(spec, in: folder)
            let before = try bytes(of: folder + "/run/metrics.jsonl")
            let result = try Tiny.run(spec, in: folder, isFresh: true)
                .run(shouldStop: { false }, observe: { _ in })
            #expect(result == .completed)
            #expect(try bytes(of: folder + "/run/metrics.jsonl") == before)
        }
    }

    /// Names of layers that a checkpoint's own tensors begin with.
    @Test func layersMayBeNamedLikeTheCheckpointsParts() throws {
        let layers = [
            LayerSpec("optimizer", LSTM(units: 4)), LayerSpec("state", LSTM(units: 4)),
            LayerSpec("next", Output()),
        ]
        try withTemporaryFolder { folder in
            let spec = Tiny.spec(layers) { $0.epochs = 2 }
            _ = try Tiny.run(spec, in: folder).run(shouldStop: { true }, observe: { _ in })
            #expect(try Tiny.finish(spec, in: folder) == .completed)
        }
    }

    @Test func brokenNewestCheckpointIsSkippedAndNamed() throws {
        let spec = Tiny.spec { $0.checkpoints.every = 10 }
        try withTemporaryFolder { straight in
            try withTemporaryFolder { folder in
                try Tiny.finish(spec, in: straight)
                try Tiny.finish(spec, in: folder)
                let path = folder + "/run/checkpoints/step-000000099.safetensors"
                var damaged = try bytes(of: path)
                damaged[damaged.count / 2] ^= 4
                try Data(damaged).write(to: URL(fileURLWithPath: path))
                var skipped: [String] = []
                var resumedStep = 0
                let result = try Tiny.run(spec, in: folder).run(
                    shouldStop: { false },
                    observe: {
                        if case .skipped(let error) = $0 { skipped.append(error.path ?? "") }
                        if case .resumed(let step, _) = $0 { resumedStep = step }
                    })
                #expect(result == .completed)
                #expect(skipped == [path])
                #expect(resumedStep == 90)
                try Self.expectSameFiles(straight, folder)
            }
        }
    }
}
