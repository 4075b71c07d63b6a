import Foundation
import StrataFormats
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining
import Testing

/// A run replaces nothing that is not its own, and loses nothing that is.
struct RunProtectionTests {
    private static func fileError(_ body: () throws -> Void) throws -> FormatError {
        guard case .file(let error) = trainingError(body) else { throw Missing() }
        return error
    }

    private struct Missing: Error {}

    @Test(arguments: ["spec.yaml", "metrics.jsonl", "best.safetensors"])
    func filesThatNoRunMadeAreKept(name: String) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/run/" + name
            try FileManager.default.createDirectory(
                atPath: folder + "/run", withIntermediateDirectories: true)
            try write([1, 2, 3], to: path)
            // The second time, too: the refusal leaves nothing that looks like a run.
            for _ in 0..<2 {
                let error = try Self.fileError { try Tiny.finish(Tiny.spec(), in: folder) }
                #expect(error.category == .cannotCreate)
                #expect(try bytes(of: path) == [1, 2, 3])
            }
            let fresh = try Tiny.run(Tiny.spec { $0.epochs = 1 }, in: folder, isFresh: true)
                .run(shouldStop: { false }, observe: { _ in })
            #expect(fresh == .completed)
        }
    }

    @Test func theConfigurationThatIsReadIsNotReplaced() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/run/spec.yaml"
            try FileManager.default.createDirectory(
                atPath: folder + "/run", withIntermediateDirectories: true)
            try write(Array("mine".utf8), to: path)
            var texts = SourceTexts()
            texts.add("mine", file: path)
            for isFresh in [false, true] {
                var options = TrainingRun.Options()
                options.isFresh = isFresh
                let run = try TrainingRun(
                    spec: Tiny.spec(), data: Tiny.data(), folder: RunFolder(path: folder + "/run"),
                    render: { _ in "rendered" }, options: options, texts: texts)
                let error = try Self.fileError {
                    _ = try run.run(shouldStop: { false }, observe: { _ in })
                }
                #expect(error.category == .cannotCreate && error.path == path)
                #expect(try bytes(of: path) == Array("mine".utf8))
            }
        }
    }

    /// Also where all were removed before the first save was done.
    @Test func aRunGoesOnFromItsBestCheckpointWhereTheOthersAreGone() throws {
        try withTemporaryFolder { folder in
            let spec = Tiny.spec { $0.epochs = 2 }
            try Tiny.finish(spec, in: folder + "/whole")
            try Tiny.finish(Tiny.spec { $0.epochs = 1 }, in: folder)
            let run = RunFolder(path: folder + "/run")
            try run.removeCheckpoints(afterStep: -1)
            // Other settings are refused as ever, and nothing is replaced.
            let best = try bytes(of: run.bestPath)
            let other = Tiny.spec([LayerSpec("other", LSTM(units: 3)), LayerSpec("next", Output())])
            guard case .mismatch = trainingError({ try Tiny.finish(other, in: folder) }) else {
                throw Missing()
            }
            #expect(try bytes(of: run.bestPath) == best)
            try Tiny.finish(spec, in: folder)
            let newest = try #require(try run.newestReadableCheckpoint()).contents.tensors
            let whole = try RunFolder(path: folder + "/whole/run").newestReadableCheckpoint()
            #expect(newest == whole?.contents.tensors)
        }
    }

    @Test func aRunWhoseFolderIsReplacedWritesNoMoreThere() throws {
        try withTemporaryFolder { folder in
            let spec = Tiny.spec { $0.checkpoints.every = 5 }
            let path = folder + "/run"
            var second: RunResult?
            let error = try Self.fileError {
                _ = try Tiny.run(spec, in: folder).run(
                    shouldStop: { false },
                    observe: {
                        // Between two saves, none of which is in flight.
                        guard case .checkpoint = $0, second == nil else { return }
                        do {
                            try FileManager.default.removeItem(atPath: path)
                            second = try Tiny.finish(spec, in: folder)
                        } catch {
                            Issue.record(error)
                        }
                    })
            }
            #expect(error.kind == .locked && second == .completed)
            try withTemporaryFolder { straight in
                try Tiny.finish(spec, in: straight)
                try ResumeTests.expectSameFiles(straight, folder)
            }
        }
    }

    @Test func aRunIsCarriedOutOnce() throws {
        try withTemporaryFolder { folder in
            let run = try Tiny.run(Tiny.spec { $0.epochs = 1 }, in: folder, isFresh: true)
            #expect(try run.run(shouldStop: { false }, observe: { _ in }) == .completed)
            let before = try bytes(of: folder + "/run/best.safetensors")
            let error = trainingError {
                _ = try run.run(shouldStop: { false }, observe: { _ in })
            }
            guard case .runtime = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try bytes(of: folder + "/run/best.safetensors") == before)
        }
    }

    @Test func filesBesideTheRunReplaceNoneThatItReadsOrWrites() throws {
        try withTemporaryFolder { folder in
            try write([1], to: folder + "/net.yaml")
            var texts = SourceTexts()
            texts.add("x", file: folder + "/net.yaml")
            let run = try TrainingRun(
                spec: Tiny.spec(), data: Tiny.data(), folder: RunFolder(path: folder + "/run"),
                render: { _ in "" }, options: .init(), texts: texts)
            _ = try run.run(shouldStop: { true }, observe: { _ in })
            for name in ["net.yaml", "run/lock", "run/best.safetensors", "run/samples/a"] {
                let error = #expect(throws: FormatError.self) {
                    try run.checkIsFree(folder + "/" + name)
                }
                #expect(error?.category == .cannotCreate, "\(name)")
            }
            for name in ["trace.json", "run/trace.json"] {
                try run.checkIsFree(folder + "/" + name)
            }
        }
    }

    @Test(
        arguments: [
            { $0.training.logEvery = 0 }, { $0.training.checkpoints.every = 0 },
            { $0.training.epochs = .max }, { $0.training.maximumSteps = 0 },
            { $0.network = NetworkSpec(layers: [LayerSpec("a", LSTM(units: -1))]) },
            { $0.network = NetworkSpec(layers: [LayerSpec("a", LSTM(units: .max))]) },
            { $0.generate.length = -1 }, { $0.name = "../elsewhere" },
        ] as [@Sendable (inout ModelSpec) -> Void])
    func settingsMadeInSwiftAreCheckedLikeThoseOfAFile(
        edit: @Sendable (inout ModelSpec) -> Void
    ) throws {
        try withTemporaryFolder { folder in
            var spec = Tiny.spec()
            edit(&spec)
            let error = trainingError { _ = try Tiny.run(spec, in: folder) }
            guard case .configuration = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func stepsOfMoreEpochsThanANumberHoldsAreCounted() {
        var training = TrainingSpec()
        training.epochs = .max
        #expect(training.totalSteps(windowsPerEpoch: 3) == .max)
        training.maximumSteps = 7
        #expect(training.totalSteps(windowsPerEpoch: 3) == 7)
    }

    /// Asked once to stop while it generates, and never again.
    @Test func aTextThatIsAskedToStopOnceIsGeneratedOnResuming() throws {
        var spec = Tiny.spec { $0.epochs = 2 }
        spec.generate.length = 12
        try withTemporaryFolder { folder in
            var isReported = false
            let result = try Tiny.run(spec, in: folder).run(
                shouldStop: {
                    defer { isReported = false }
                    return isReported
                }, observe: { if case .epoch = $0 { isReported = true } })
            #expect(result == .interrupted(step: 33))
            try Tiny.finish(spec, in: folder)
            let run = RunFolder(path: folder + "/run")
            #expect(try run.hasSample(step: 33) && run.hasSample(step: 66))
        }
    }
}
