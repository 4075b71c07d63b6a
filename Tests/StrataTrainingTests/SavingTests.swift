import Foundation
import StrataFormats
import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTraining
import Testing

/// Checkpoints are written while training goes on, and hold the moment at which they were asked for.
struct SavingTests {
    /// Saves at steps 10, 20, 30, 33, 40 and so on, to 99, and keeps all of them.
    static let spec = Tiny.spec {
        $0.checkpoints.every = 10
        $0.checkpoints.keep = 100
    }

    /// Whether an operation is one of saving, not of reading or of writing metrics.
    static func isSaving(_ path: String) -> Bool {
        path.contains("/run/checkpoints") || path.contains("/run/best")
            || path.contains("/.strata-tmp-")
    }

    /// Files of which every operation of saving takes a while, many steps of a tiny network.
    private static var slow: WatchedFileLayer {
        WatchedFileLayer { operation, path in
            if operation != .read, isSaving(path) { usleep(200) }
        }
    }

    /// Holds an operation up until something has happened.
    private final class Moment: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func happens() { semaphore.signal() }
        /// Returns false if it does not come.
        func isReached() -> Bool { semaphore.wait(timeout: .now() + 30) == .success }
    }

    /// One run after another, each stopped at a step where it saves, so that none goes on meanwhile.
    private static func finishInQuiet(in folder: String) throws {
        for _ in 0..<20 {
            var step = 0
            let result = try Tiny.run(spec, in: folder).run(
                shouldStop: { step % 10 == 0 },
                observe: { if case .step(let progress) = $0 { step = progress.step } })
            if result == .completed { return }
        }
        Issue.record("the run never ends")
    }

    @Test(arguments: [1, 2])
    func checkpointsHoldTheMomentAtWhichTheyWereAskedFor(threads: Int) throws {
        try withTemporaryFolder { quiet in
            try withTemporaryFolder { busy in
                try Self.finishInQuiet(in: quiet)
                let result = try Tiny.run(Self.spec, in: busy, threads: threads, layer: Self.slow)
                    .run(shouldStop: { false }, observe: { _ in })
                #expect(result == .completed)
                try ResumeTests.expectSameFiles(quiet, busy)
                let steps = try RunFolder(name: "run", in: busy).checkpointSteps()
                #expect(steps == [10, 20, 30, 33, 40, 50, 60, 66, 70, 80, 90, 99])
                for name in try FileManager.default.contentsOfDirectory(
                    atPath: busy + "/run/checkpoints")
                {
                    let path = "/run/checkpoints/" + name
                    #expect(try bytes(of: quiet + path) == bytes(of: busy + path), "\(name)")
                }
            }
        }
    }

    @Test(arguments: [1, 3])
    func anUpdateWaitsWhileParametersAreRead(threads: Int) throws {
        final class Reading: @unchecked Sendable { var hash: UInt64 = 0 }
        let trainer = try TrainerTests.trainer(threads: threads)
        let (parameters, gate) = (trainer.model.parameters, trainer.update.gate)
        let before = parameters.hash
        let reading = Reading()
        gate.close()
        let isStarted = DetachedThread.start {
            // Long enough for a step that does not wait.
            usleep(50_000)
            reading.hash = parameters.hash
            gate.open()
        }
        #expect(isStarted)
        _ = try trainer.step()
        #expect(reading.hash == before)
        #expect(parameters.hash != before)
    }

    @Test func stepsGoOnWhileAFileIsBroughtToTheDevice() throws {
        let moment = Moment()
        let later = Mutexed(false)
        let layer = WatchedFileLayer { operation, path in
            guard operation == .synchronize, path.contains("checkpoints/.strata-tmp-") else {
                return
            }
            if later.value == false { later.value = moment.isReached() }
        }
        try withTemporaryFolder { folder in
            let run = try Tiny.run(Self.spec, in: folder, layer: layer)
            let result = try run.run(
                shouldStop: { false },
                observe: { if case .step(let step) = $0, step.step == 15 { moment.happens() } })
            #expect(result == .completed)
        }
        #expect(later.value)
    }

    @Test func eventsStandInTheSameOrderHoweverLongSavingTakes() throws {
        var expected: [String] = []
        for epoch in 1...3 {
            let end = epoch * 33
            let steps = (1..<33).map { end - 33 + $0 }.filter { $0 % 10 == 0 }
            expected += steps.map { "checkpoint \($0)" } + ["epoch \(end)", "checkpoint \(end)"]
        }
        for layer in [SystemFileLayer(), Self.slow] as [any FileLayer] {
            try withTemporaryFolder { folder in
                var found: [String] = []
                var step = 0
                _ = try Tiny.run(Self.spec, in: folder, layer: layer).run(
                    shouldStop: { false },
                    observe: { event in
                        switch event {
                        case .step(let progress): step = progress.step
                        case .epoch(let report): found.append("epoch \(report.step)")
                        case .checkpoint(let path):
                            let number = path.suffix(21).prefix(9)
                            found.append("checkpoint \(Int(number) ?? -1)")
                            #expect(step >= Int(number) ?? .max)
                            #expect(FileManager.default.fileExists(atPath: path))
                        default: break
                        }
                    })
                #expect(found == expected)
            }
        }
    }

    // MARK: Failures

    private static func failing(
        _ operation: FileFailure.Operation, at name: String
    ) -> WatchedFileLayer {
        // Temporary files do not tell their target, so the fault begins with a look at it.
        let isReached = Mutexed(false)
        return WatchedFileLayer { (found, path) throws(FileFailure) in
            if found == .inspect, path.hasSuffix(name) { isReached.value = true }
            if isReached.value, found == operation, isSaving(path) {
                throw FileFailure(operation, path, code: ENOSPC)
            }
        }
    }

    @Test(
        arguments: [
            FileFailure.Operation.create, .write, .synchronize, .close, .rename,
        ], [20, 33, 99])
    func aFailedSaveEndsTheRunAndTheSameRunGoesOn(
        operation: FileFailure.Operation, step: Int
    ) throws {
        try withTemporaryFolder { straight in
            try withTemporaryFolder { failed in
                try Tiny.finish(Self.spec, in: straight)
                let run = try RunFolder(name: "run", in: failed)
                let layer = Self.failing(
                    operation, at: run.checkpointPath(step: step).suffix(20).description)
                let error = trainingError {
                    _ = try Tiny.run(Self.spec, in: failed, layer: layer)
                        .run(shouldStop: { false }, observe: { _ in })
                }
                guard case .file(let found) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(found.kind == .writeFailed(errno: ENOSPC) && found.category == .io)
                #expect(try run.newestReadableCheckpoint()?.step ?? 0 < step)
                try Tiny.finish(Self.spec, in: failed)
                try ResumeTests.expectSameFiles(straight, failed)
            }
        }
    }

    /// The checkpoint was asked for before training went wrong, so its failure is what is told.
    @Test func aFailedSaveIsToldBeforeWhatHappenedLater() throws {
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
        // What happens later is that training diverges, on files that are sound.
        try withTemporaryFolder { folder in
            let error = trainingError {
                _ = try Tiny.run(spec, in: folder).run(shouldStop: { false }, observe: { _ in })
            }
            guard case .diverged(let step, _, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(step > 1)
        }
        try withTemporaryFolder { folder in
            let layer = WatchedFileLayer { (operation, path) throws(FileFailure) in
                guard operation == .synchronize, path.contains(".strata-tmp-"),
                    path.contains("checkpoints")
                else { return }
                usleep(20_000)
                throw FileFailure(operation, path, code: EIO)
            }
            let error = trainingError {
                _ = try Tiny.run(spec, in: folder, layer: layer)
                    .run(shouldStop: { false }, observe: { _ in })
            }
            guard case .file = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}

/// A value that several threads use.
final class Mutexed<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var content: Value
    init(_ value: Value) { content = value }
    var value: Value {
        get { lock.withLock { content } }
        set { lock.withLock { content = newValue } }
    }
}
