import Foundation
import StrataFormats
import StrataSchema
import Testing

/// What lies in a folder before a run is not replaced by it.
@Suite struct RunFolderProtectionTests {
    private func withFolder(_ body: (RunFolder) throws -> Void) throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder + "/a", withIntermediateDirectories: true)
            try body(RunFolder(path: folder + "/a"))
        }
    }

    @Test func aRunMayBeginWhereNothingOfItsNamesIs() throws {
        try withTemporaryFolder { folder in
            try RunFolder(path: folder + "/absent").checkBeginning()
            try RunFolder(path: folder).checkBeginning()
            try write("x", to: folder + "/notes.txt")
            try RunFolder(path: folder).checkBeginning()
        }
    }

    @Test(arguments: ["spec.yaml", "metrics.jsonl", "best.safetensors"])
    func filesOfARunsNamesAreSomebodyElsesWithoutALock(name: String) throws {
        try withFolder { run in
            try write("x", to: run.path + "/" + name)
            let error = formatError { try run.checkBeginning() }
            #expect(error?.category == .cannotCreate && error?.hint?.contains("--fresh") == true)
        }
    }

    @Test func aRunThatWasStoppedBeforeItsFirstCheckpointBeginsAgain() throws {
        try withFolder { run in
            try run.create()
            try run.lock().release()
            try run.writeSpec("x")
            try run.appendMetrics(["step": 1])
            try run.checkBeginning()
            // A kill between the names of the best checkpoint and of the first one.
            try write("x", to: run.bestPath)
            try write("x", to: run.checkpointsPath + "/.strata-tmp-1")
            try run.checkBeginning()
        }
    }

    @Test func theBestCheckpointIsFoundWhereTheOthersAreGone() throws {
        try withFolder { run in
            try run.create()
            try run.lock().release()
            try run.saveSample(step: 1, keepLast: 1, isBest: true)
            try run.removeCheckpoints(afterStep: -1)
            try run.checkBeginning()
            let found = try #require(try run.newestReadableCheckpoint())
            #expect(found.path == run.bestPath && found.step == nil)
            // No more than anything else is it taken for a run's where none has begun.
            try FileManager.default.removeItem(atPath: run.lockPath)
            let error = formatError { try run.checkBeginning() }
            #expect(error?.category == .cannotCreate && error?.path == run.bestPath)
        }
    }

    @Test func theBestCheckpointIsNamedWhereTheOthersAreBroken() throws {
        try withFolder { run in
            try run.create()
            try run.saveSample(step: 1, keepLast: 1, isBest: true)
            try write("broken", to: run.checkpointPath(step: 1))
            let error = formatError { _ = try run.newestReadableCheckpoint() }
            #expect(error?.kind == .noReadableCheckpoint)
            #expect(error?.hint?.contains("go on from \(run.bestPath)") == true)
        }
    }

    @Test func aSpecIsNotWrittenOverAnotherTextThatItWasReadFrom() throws {
        try withFolder { run in
            try write("name: a # mine\n", to: run.specPath)
            let link = run.path + "/link.yaml"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "spec.yaml")
            for file in [run.specPath, run.path + "/./spec.yaml", link] {
                let error = formatError { try run.checkSpec("name: a\n", readFrom: ["-", file]) }
                #expect(error?.category == .cannotCreate && error?.path == run.specPath)
                try run.checkSpec("name: a # mine\n", readFrom: [file])
            }
            try run.checkSpec("name: a\n", readFrom: ["-", run.path + "/other.yaml"])
        }
    }

    @Test func aRunKnowsItsOwnFilesByAnyPath() throws {
        try withFolder { run in
            try run.create()
            for name in [
                "spec.yaml", "metrics.jsonl", "best.safetensors", "lock", "samples/x.txt",
                "checkpoints/step-000000001.safetensors", "./samples/../best.safetensors",
            ] {
                #expect(try run.owns(run.path + "/" + name), "\(name)")
            }
            for name in ["trace.json", "../best.safetensors", "other/lock"] {
                #expect(try !run.owns(run.path + "/" + name), "\(name)")
            }
            try run.writeSpec("x")
            let link = run.path + "/link"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "spec.yaml")
            #expect(try run.owns(link))
        }
    }

    @Test(arguments: [EACCES, EIO, EMFILE])
    func aCheckpointThatMayNotBeReadIsNotTakenForABrokenOne(code: Int32) throws {
        try withFolder { sound in
            try sound.create()
            for step in [1, 2] { try sound.saveSample(step: step, keepLast: 2) }
            let newest = sound.checkpointPath(step: 2)
            let layer = UnreadableFileLayer(newest, code: code)
            let run = try RunFolder(
                name: "a", in: AtomicFile.folder(of: sound.path), layer: layer)
            let error = formatError { _ = try run.newestReadableCheckpoint() }
            #expect(error?.kind == .unreadable(errno: code) && error?.path == newest)
        }
    }
}
