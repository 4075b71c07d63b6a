import Foundation
import StrataFormats
import StrataSchema
import Testing

@Suite struct CheckpointTests {
    private func withRun(_ body: (RunFolder) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            try body(run)
        }
    }

    @Test func noCheckpointIsNoError() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            #expect(try run.newestReadableCheckpoint() == nil)
            try run.create()
            #expect(try run.newestReadableCheckpoint() == nil)
            #expect(try run.bestCheckpoint() == nil)
            try write("x", to: run.checkpointsPath + "/step-12.safetensors")
            try write("x", to: run.checkpointsPath + "/notes.txt")
            #expect(try run.newestReadableCheckpoint() == nil)
        }
    }

    @Test func pruningKeepsTheLastOnes() throws {
        try withRun { run in
            for step in [2, 10, 9, 100, 1_000_000_000] {
                let saved = try run.saveSample(step: step, keepLast: 3)
                #expect(saved.failures.isEmpty)
                #expect(saved.path == run.checkpointPath(step: step))
            }
            #expect(try run.checkpointSteps() == [10, 100, 1_000_000_000])
            #expect(
                try names(in: run.checkpointsPath) == [
                    "step-000000010.safetensors", "step-000000100.safetensors",
                    "step-1000000000.safetensors",
                ])
            let saved = try run.saveSample(1, step: 2_000_000_000, keepLast: 0)
            #expect(saved.removed.count == 3)
            #expect(try run.checkpointSteps() == [2_000_000_000])
            #expect(try run.newestReadableCheckpoint()?.contents.metadata["number"] == "1")
        }
    }

    @Test func aBrokenNewestIsSkippedAndReported() throws {
        try withRun { run in
            for step in [10, 20, 30, 40] {
                try run.saveSample(step: step, keepLast: 9)
            }
            let (cut, flipped) = (run.checkpointPath(step: 40), run.checkpointPath(step: 30))
            try write(Array(bytes(of: cut).dropLast(3)), to: cut)
            var damaged = try bytes(of: flipped)
            damaged[damaged.count - 1] ^= 0x10
            try write(damaged, to: flipped)
            let found = try #require(try run.newestReadableCheckpoint())
            #expect(found.step == 20)
            #expect(found.path == run.checkpointPath(step: 20))
            #expect(found.contents.metadata["number"] == "20")
            #expect(found.contents.isVerified)
            #expect(found.skipped.map(\.path) == [cut, flipped])
            #expect(found.skipped.map(\.kind) == [.truncated, .checksumMismatch])
        }
    }

    @Test func brokenNewerOnesNeitherCountNorCostGoodOnes() throws {
        try withRun { run in
            for step in [10, 20] { try run.saveSample(step: step, keepLast: 2) }
            try write("", to: run.checkpointPath(step: 30))
            let saved = try run.saveSample(step: 25, keepLast: 2)
            #expect(saved.removed == [run.checkpointPath(step: 10)])
            #expect(try run.checkpointSteps() == [20, 25, 30])
            #expect(try run.newestReadableCheckpoint()?.step == 25)
            try run.saveSample(step: 30, keepLast: 2)
            #expect(try run.newestReadableCheckpoint()?.step == 30)
            try run.removeCheckpoints(afterStep: 25)
            #expect(try run.checkpointSteps() == [25])
        }
    }

    @Test func onlyBrokenOnesAreAnErrorNotAFreshStart() throws {
        try withRun { run in
            try write("", to: run.checkpointPath(step: 1))
            try write("{}", to: run.checkpointPath(step: 2))
            let error = formatError { _ = try run.newestReadableCheckpoint() }
            #expect(error?.kind == .noReadableCheckpoint)
            #expect(error?.category == .badData)
            #expect(error?.message.contains(run.checkpointPath(step: 1)) == true)
            #expect(error?.message.contains(run.checkpointPath(step: 2)) == true)
        }
    }

    @Test func theBestIsAFileOfItsOwn() throws {
        try withRun { run in
            try run.saveSample(step: 1, keepLast: 1, isBest: true)
            try write("broken", to: run.checkpointPath(step: 1))
            #expect(try run.bestCheckpoint()?.metadata["number"] == "1")
            try write("broken", to: run.bestPath)
            #expect(formatError { _ = try run.bestCheckpoint() }?.path == run.bestPath)
        }
    }

    @Test(arguments: AtomicFileTests.faults)
    func savingIsAllOrNothingWhateverFails(fault: FaultyFileLayer.Fault, lasts: Bool) throws {
        try withTemporaryFolder { folder in
            let sound = try RunFolder(name: "a", in: folder)
            let (old, new) = (try sample(2).encoded(), try sample(3).encoded())
            let count = try forEveryFailure(fault, lasts: lasts) { layer in
                try? FileManager.default.removeItem(atPath: sound.path)
                try sound.create()
                try sound.appendMetrics(["step": 2])
                for step in [1, 2] {
                    try sound.saveSample(step: step, keepLast: 2)
                }
                let run = try RunFolder(name: "a", in: folder, layer: layer)
                try run.saveSample(step: 3, keepLast: 2)
            } check: { error in
                // The next start cleans up whatever the fault did not allow to.
                if lasts { try sound.lock().release() }
                #expect(try temporaryNames(in: sound.checkpointsPath).isEmpty)
                let found = try #require(try sound.newestReadableCheckpoint())
                #expect(found.skipped.isEmpty)
                #expect(try found.contents.encoded() == (found.step == 3 ? new : old))
                if error == nil { #expect(found.step == 3) }
                if found.step == 2 { #expect(try sound.checkpointSteps() == [1, 2]) }
            }
            #expect(count >= 15)
        }
    }

    @Test(arguments: AtomicFileTests.faults)
    func theBestIsSavedBeforeTheCheckpointWhateverFails(
        fault: FaultyFileLayer.Fault, lasts: Bool
    ) throws {
        try withTemporaryFolder { folder in
            let sound = try RunFolder(name: "a", in: folder)
            let count = try forEveryFailure(fault, lasts: lasts) { layer in
                try? FileManager.default.removeItem(atPath: sound.path)
                try sound.create()
                try sound.saveSample(step: 2, keepLast: 2, isBest: true)
                let run = try RunFolder(name: "a", in: folder, layer: layer)
                var isRead = false
                _ = try run.saveCheckpoint(
                    sampleWriter(3), step: 3, keepLast: 2, isBest: true, whenRead: { isRead = true }
                )
                #expect(isRead)
            } check: { error in
                if lasts { try sound.lock().release() }
                #expect(try temporaryNames(in: sound.checkpointsPath).isEmpty)
                #expect(try temporaryNames(in: sound.path).isEmpty)
                let best = try #require(try sound.bestCheckpoint()).encoded()
                let newest = try #require(try sound.newestReadableCheckpoint())
                #expect(newest.skipped.isEmpty)
                #expect(try [2, 3].contains { try best == sample($0).encoded() })
                if newest.step == 3 { #expect(try best == newest.contents.encoded()) }
                if error == nil { #expect(newest.step == 3) }
            }
            #expect(count >= 21)
        }
    }

    @Test func whatCannotBePrunedIsReportedNotThrown() throws {
        try withTemporaryFolder { folder in
            let sound = try RunFolder(name: "a", in: folder)
            try sound.create()
            try sound.saveSample(step: 1, keepLast: 1)
            // Ten operations save; the eleventh looks at the folder to find old files.
            let layer = FaultyFileLayer(failing: 11, .error(EACCES), lasts: true)
            let run = try RunFolder(name: "a", in: folder, layer: layer)
            let saved = try run.saveSample(step: 2, keepLast: 1)
            #expect(saved.failures.count == 1)
            #expect(saved.removed.isEmpty)
            #expect(try sound.newestReadableCheckpoint()?.step == 2)
        }
    }
}
