import Foundation
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining
import Testing

/// What a run keeps, and when it ends.
struct RunTests {
    private static func epochs(
        _ spec: ModelSpec, in folder: String, data: TokenDataset? = nil
    ) throws -> (result: RunResult, epochs: [EpochReport]) {
        var epochs: [EpochReport] = []
        let result = try Tiny.run(spec, in: folder, data: data).run(
            shouldStop: { false },
            observe: { if case .epoch(let report) = $0 { epochs.append(report) } })
        return (result, epochs)
    }

    /// Learning far too fast on little text: validation soon gets worse.
    private static func overfitting(_ edit: (inout TrainingSpec) -> Void) -> ModelSpec {
        Tiny.spec([LayerSpec("lstm", LSTM(units: 16)), LayerSpec("next", Output())]) {
            $0.epochs = 60
            $0.optimizer = OptimizerSpec(Adam(learningRate: 0.03))
            edit(&$0)
        }
    }

    @Test func nothingIsLoggedUnlessALoggerIsPassed() {
        // A logger of swift-log writes to standard error in a program that says nothing else.
        #expect(TrainingRun.Options().logger == nil)
    }

    @Test func trainingStopsWhenValidationNoLongerImproves() throws {
        let data = try Tiny.data(train: 120, validation: 60)
        try withTemporaryFolder { folder in
            let spec = Self.overfitting {
                $0.earlyStopping = EarlyStoppingSpec()
                $0.earlyStopping?.patience = 2
            }
            let (result, epochs) = try Self.epochs(spec, in: folder, data: data)
            #expect(result == .stoppedEarly)
            let best = try #require(epochs.last { $0.isBest }).epoch
            #expect(epochs.count == best + 2)
            let saved = try Tiny.snapshot(folder + "/run/best.safetensors")
            #expect(
                saved.facts.progress.validation.bestEpoch == best
                    && saved.facts.progress.position.epoch == best)
            // The same again has nothing to do; more patience goes on.
            #expect(
                try Self.epochs(spec, in: folder, data: data).result
                    == .alreadyCompleted(.earlyStopping))
            let patient = Self.overfitting {
                $0.epochs = epochs.count + 1
                $0.earlyStopping = EarlyStoppingSpec()
                $0.earlyStopping?.patience = 50
            }
            let more = try Self.epochs(patient, in: folder, data: data)
            #expect(more.result == .completed && more.epochs.count == 1)
        }
    }

    @Test(arguments: [1, 32, 33, 34, 70])
    func maximumStepsEndsWithinAnEpoch(steps: Int) throws {
        try withTemporaryFolder { folder in
            let spec = Tiny.spec { $0.maximumSteps = steps }
            let (result, epochs) = try Self.epochs(spec, in: folder)
            #expect(result == .completed)
            #expect(epochs.last?.step == steps)
            #expect(epochs.map(\.epoch) == Array(1...(steps + 32) / 33))
            let found = try RunFolder(name: "run", in: folder).newestReadableCheckpoint()
            #expect(found?.step == steps)
        }
    }

    @Test func lastCheckpointsAndBestAreKept() throws {
        try withTemporaryFolder { folder in
            let spec = Tiny.spec {
                $0.checkpoints.every = 7
                $0.checkpoints.keep = 2
            }
            let (_, epochs) = try Self.epochs(spec, in: folder)
            let run = try RunFolder(name: "run", in: folder)
            #expect(try run.checkpointSteps() == [98, 99])
            let best = try Tiny.snapshot(run.bestPath)
            #expect(
                best.facts.progress.validation.bestLoss == epochs.compactMap(\.validationLoss).min()
            )
            #expect(epochs.count == 3)
        }
    }

    @Test func bestIsTheNewestWithoutValidation() throws {
        try withTemporaryFolder { folder in
            let data = try Tiny.data(validation: 0)
            let (result, epochs) = try Self.epochs(Tiny.spec(), in: folder, data: data)
            #expect(result == .completed)
            #expect(epochs.allSatisfy { $0.validationLoss == nil })
            #expect(
                try Tiny.snapshot(folder + "/run/best.safetensors").facts.progress.position.step
                    == 99)
        }
    }

    @Test(arguments: [1e30, 1e38])
    func divergenceNamesStepAndPlaceAndKeepsTheLastGoodCheckpoint(rate: Double) throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec { $0.maximumSteps = 4 }, in: folder)
            let layers = [
                LayerSpec("embed", Embedding(units: 4)),
                LayerSpec("wide", Dense(units: 8, activation: .identity)),
                LayerSpec("next", Output()),
            ]
            let spec = Tiny.spec(layers) {
                $0.optimizer = OptimizerSpec(SGD(learningRate: rate))
                $0.checkpoints.every = 1
            }
            let error = trainingError {
                _ = try Tiny.run(spec, in: folder, isFresh: true)
                    .run(shouldStop: { false }, observe: { _ in })
            }
            guard case .diverged(let step, _, let place) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect((1...4).contains(step))
            #expect(try #require(place).contains("'"))
            #expect(
                "\(TrainingError.diverged(step: step, loss: -.nan, place: place))"
                    .contains("at step \(step): the loss is nan"))
            let run = try RunFolder(name: "run", in: folder)
            for step in try run.checkpointSteps() {
                let snapshot = try Tiny.snapshot(run.checkpointPath(step: step))
                for tensor in snapshot.tensors {
                    #expect(try tensor.floats().allSatisfy(\.isFinite), "step \(step)")
                }
            }
        }
    }

    @Test func divergenceLeavesTheCheckpointBefore() throws {
        try withTemporaryFolder { folder in
            // The products of weights overflow only after the first update made them large.
            let layers = [
                LayerSpec("embed", Embedding(units: 4)),
                LayerSpec("wide", Dense(units: 8, activation: .identity)),
                LayerSpec("wider", Dense(units: 8, activation: .identity)),
                LayerSpec("next", Output()),
            ]
            let spec = Tiny.spec(layers) {
                $0.optimizer = OptimizerSpec(SGD(learningRate: 1e13))
                $0.checkpoints.every = 1
            }
            let error = trainingError { try Tiny.finish(spec, in: folder) }
            guard case .diverged(let step, _, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(step > 1)
            let found = try RunFolder(name: "run", in: folder).newestReadableCheckpoint()
            let last = try #require(found)
            #expect(last.step == step - 1 || last.step == step - 2)
            #expect(last.skipped.isEmpty)
            let model = try Snapshot(last.contents, path: last.path)
            #expect(try model.tensors.allSatisfy { try $0.floats().allSatisfy(\.isFinite) })
        }
    }

    @Test func windowsThatDoNotFitAreRefused() throws {
        try withTemporaryFolder { folder in
            for (length, carries) in [(9, true), (3, false)] {
                let spec = Tiny.spec {
                    $0.truncateBPTT = length
                    $0.carryState = carries
                }
                let error = trainingError { _ = try Tiny.run(spec, in: folder) }
                #expect("\(String(describing: error))".contains("truncate_bptt"))
            }
        }
    }

    @Test func runsThatCannotSampleFailBeforeTheyTrain() throws {
        try withTemporaryFolder { folder in
            var unknown = Tiny.spec()
            unknown.generate.length = 5
            unknown.generate.prompt = "abcx"
            #expect(
                "\(String(describing: trainingError { _ = try Tiny.run(unknown, in: folder) }))"
                    .contains("'x'"))
        }
    }

    @Test func completedRunPrintsItsSampleAndKeepsItOnce() throws {
        try withTemporaryFolder { folder in
            var spec = Tiny.spec { $0.epochs = 1 }
            spec.generate.length = 12
            try Tiny.finish(spec, in: folder)
            let path = folder + "/run/samples/step-000000033.txt"
            let text = try bytes(of: path)
            #expect(text.count == 12)
            var samples: [String] = []
            let result = try Tiny.run(spec, in: folder).run(
                shouldStop: { false },
                observe: { if case .sample(let text) = $0 { samples.append(text) } })
            #expect(result == .alreadyCompleted(.epochs))
            #expect(samples.map { Array($0.utf8) } == [text])
            #expect(try bytes(of: path) == text)
        }
    }

    @Test func secondRunOnTheSameFolderIsRefused() throws {
        try withTemporaryFolder { folder in
            var inner: TrainingError?
            _ = try Tiny.run(Tiny.spec { $0.maximumSteps = 2 }, in: folder).run(
                shouldStop: { false },
                observe: {
                    guard case .step = $0 else { return }
                    inner = trainingError { try Tiny.finish(Tiny.spec(), in: folder) }
                })
            guard case .file(let error) = inner else {
                Issue.record("\(String(describing: inner))")
                return
            }
            #expect(error.kind == .locked)
        }
    }
}
