import Foundation
import StrataFormats
import StrataSchema
import StrataTestSupport
import Testing

@Suite struct RunFolderTests {
    @Test(arguments: [
        "a", "char_lstm-2.1", "é漢", "-x", "a..", String(repeating: "n", count: 100),
    ])
    func safeNamesAreValid(name: String) { #expect(RunFolder.isValidName(name)) }

    @Test(arguments: [
        "", ".", "..", ".hidden", "a/b", "/", "../x", "a b", "a\0", "a\nb", "\u{7F}", "😀",
        String(repeating: "n", count: 101), String(repeating: "é", count: 51),
    ])
    func unsafeNamesAreRefused(name: String) {
        #expect(!RunFolder.isValidName(name))
        #expect(formatError { _ = try RunFolder(name: name) }?.category == .cannotCreate)
    }

    @Test func createMakesAllFoldersAndMayBeRepeated() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "x", in: folder + "/deep/runs")
            try run.create()
            try run.create()
            #expect(try names(in: run.path) == ["checkpoints", "samples"])
            #expect(try RunFolder(name: "x").path == "runs/x")
            #expect(try RunFolder(name: "x", in: "").path == "x")
        }
    }

    @Test func whatIsInTheWayIsNamed() throws {
        try withTemporaryFolder { folder in
            func error(_ name: String) -> FormatError? {
                formatError { try RunFolder(name: name, in: folder).create() }
            }
            try write("x", to: folder + "/file")
            #expect(error("file")?.kind == .cannotCreate(errno: EEXIST))
            #expect(error("file")?.path == folder + "/file")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/dangling", withDestinationPath: folder + "/none")
            #expect(error("dangling")?.category == .cannotCreate)
            #expect(
                formatError { try RunFolder(name: "a", in: folder + "/file").create() }?.category
                    == .cannotCreate)
        }
    }

    @Test func aReadOnlyFolderIsNoPlaceToCreate() throws {
        try withTemporaryFolder { folder in
            for code in [EROFS, EACCES] {
                let layer = FaultyFileLayer(failing: 1, .error(code), lasts: true)
                let run = try RunFolder(name: "a", in: folder, layer: layer)
                #expect(formatError { try run.create() }?.category == .cannotCreate)
                #expect(formatError { _ = try run.lock() }?.category == .cannotCreate)
            }
            let full = FaultyFileLayer(failing: 3, .error(ENOSPC))
            let run = try RunFolder(name: "a", in: folder, layer: full)
            #expect(formatError { try run.create() }?.kind == .writeFailed(errno: ENOSPC))
        }
    }

    @Test func theLockKeepsASecondTrainerOutAndNamesTheFirst() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            let lock = try run.lock()
            let error = formatError { _ = try run.lock() }
            #expect(error?.kind == .locked)
            #expect(error?.category == .cannotCreate)
            let process = ProcessInfo.processInfo.processIdentifier
            #expect(error?.message == "the run is in use by process \(process)")
            lock.release()
            lock.release()
            let second = try run.lock()
            #expect(formatError { _ = try run.lock() }?.kind == .locked)
            second.release()
        }
    }

    @Test func aLockThatIsForgottenIsReleased() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            _ = try run.lock()
            try run.lock().release()
        }
    }

    @Test func lockingRemovesLeftoversAndNothingElse() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            for path in [run.path, run.checkpointsPath, run.samplesPath] {
                try write("x", to: path + "/.strata-tmp-abc")
                try write("x", to: path + "/mine.tmp")
            }
            try run.lock().release()
            #expect(try names(in: run.path) == ["checkpoints", "lock", "mine.tmp", "samples"])
            #expect(try names(in: run.checkpointsPath) == ["mine.tmp"])
            #expect(try names(in: run.samplesPath) == ["mine.tmp"])
        }
    }

    @Test func theLockNeverFollowsALink() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            try write("precious", to: folder + "/outside")
            try FileManager.default.createSymbolicLink(
                atPath: run.lockPath, withDestinationPath: folder + "/outside")
            #expect(formatError { _ = try run.lock() }?.category == .cannotCreate)
            #expect(try bytes(of: folder + "/outside") == Array("precious".utf8))
        }
    }

    @Test func theSpecIsWrittenAndReplaced() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            for text in ["name: é\n", "a"] {
                try run.writeSpec(text)
                #expect(try bytes(of: run.specPath) == Array(text.utf8))
            }
        }
    }

    @Test func startingOverRemovesResultsAndNothingElse() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            try run.removeResults()
            try run.writeSpec("x")
            try run.appendMetrics(["step": 1])
            try run.writeSample("x", step: 1)
            try run.saveSample(step: 1, keepLast: 2, isBest: true)
            try write("x", to: run.checkpointsPath + "/step-1.safetensors")
            try run.removeResults()
            #expect(try names(in: run.path) == ["checkpoints", "samples", "spec.yaml"])
            #expect(try names(in: run.checkpointsPath) == ["step-1.safetensors"])
            #expect(try names(in: run.samplesPath).isEmpty)
        }
    }

    @Test func startingOverRemovesNothingWhereNotAllCanBeRemoved() throws {
        try withTemporaryFolder { folder in
            for closed in ["", "/checkpoints", "/samples"] {
                let sound = RunFolder(path: folder + "/a")
                try sound.create()
                try sound.saveSample(step: 1, keepLast: 2, isBest: true)
                try sound.writeSample("x", step: 1)
                try sound.appendMetrics(["step": 1])
                let layer = ClosedFolderLayer(sound.path + closed)
                let error = formatError {
                    try RunFolder(name: "a", in: folder, layer: layer).removeResults()
                }
                #expect(error?.kind == .cannotCreate(errno: EACCES))
                #expect(error?.message == "cannot be removed: permission denied")
                for path in [sound.bestPath, sound.metricsPath] {
                    #expect(FileManager.default.fileExists(atPath: path), "\(closed): \(path)")
                }
                #expect(try sound.checkpointSteps() == [1] && sound.hasSample(step: 1))
            }
        }
    }

    @Test func aLockWhoseFileWasReplacedIsNoLongerHeld() throws {
        try withTemporaryFolder { folder in
            let run = RunFolder(path: folder + "/a")
            try run.create()
            let lock = try run.lock()
            defer { lock.release() }
            try lock.check()
            try FileManager.default.removeItem(atPath: run.path)
            #expect(formatError { try lock.check() }?.kind == .locked)
            try run.create()
            let second = try run.lock()
            defer { second.release() }
            try second.check()
            let error = formatError { try lock.check() }
            #expect(error?.kind == .locked && error?.path == run.lockPath)
        }
    }
}

/// The system's files, but for one folder in which nothing can be made or removed.
private final class ClosedFolderLayer: ObservedFileLayer {
    let folder: String
    init(_ folder: String) { self.folder = folder }

    func observe(
        _ operation: FileFailure.Operation, _ path: String
    ) throws(FileFailure) -> Bool {
        if [.create, .remove].contains(operation),
            path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex) == folder
        {
            throw FileFailure(operation, path, code: EACCES)
        }
        return false
    }
}
