import Foundation
import StrataFormats
import StrataTraining
import Testing

/// What is on the disk at some moment of a save in flight is what a kill would leave then.
struct KillTests {
    /// Copies the run's folder before each operation of saving, while the steps go on.
    private final class Photographer: Sendable {
        let folder: String
        let count = Mutexed(0)
        init(_ folder: String) { self.folder = folder }

        func take(_ run: String) throws {
            // Time for steps, metrics and reports that the checkpoint does not know of.
            usleep(500)
            let number = count.value
            count.value = number + 1
            let copy = "\(folder)/\(number)"
            try FileManager.default.createDirectory(
                atPath: copy, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: run, toPath: copy + "/run")
        }
    }

    private static func photographs(
        _ spec: ModelSpec, upTo last: Int, in folder: String
    ) throws -> [String] {
        let photographer = Photographer(folder + "/copies")
        let run = folder + "/run"
        let isTraining = Mutexed(false)
        let layer = WatchedFileLayer { operation, path in
            guard isTraining.value, SavingTests.isSaving(path), operation != .write else { return }
            do { try photographer.take(run) } catch { Issue.record(error) }
        }
        let result = try Tiny.run(spec, in: folder, threads: 2, layer: layer).run(
            shouldStop: { false },
            observe: { if case .step(let step) = $0 { isTraining.value = step.step <= last } })
        #expect(result == .completed)
        return (0..<photographer.count.value).map { "\(folder)/copies/\($0)" }
    }

    private static func contents(of folder: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var isFolder: ObjCBool = false
            let path = folder + "/" + name
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            if !isFolder.boolValue, name != "lock" { files[name] = try bytes(of: path) }
        }
        return files
    }

    /// Without checkpoints within a pass, the first save is one of the best, too.
    @Test(arguments: [14, nil]) func aKillAtAnyMomentOfASaveLosesNothing(every: Int?) throws {
        var spec = Tiny.spec {
            $0.checkpoints.every = every
            $0.checkpoints.keep = 2
        }
        spec.generate.length = 12
        try withTemporaryFolder { straight in
            try withTemporaryFolder { killed in
                try Tiny.finish(spec, in: straight)
                let expected = try Self.contents(of: straight + "/run")
                let copies = try Self.photographs(spec, upTo: 66, in: killed)
                #expect(copies.count > (every == nil ? 20 : 40))
                var resumed: Set<Int> = []
                for copy in copies {
                    let result = try Tiny.run(spec, in: copy).run(
                        shouldStop: { false },
                        observe: { if case .resumed(let step, _) = $0 { resumed.insert(step) } })
                    #expect(result == .completed || result == .alreadyCompleted(.epochs))
                    #expect(try Self.contents(of: copy + "/run") == expected, "\(copy)")
                }
                #expect(resumed.isSuperset(of: every == nil ? [33] : [14, 28, 33, 42, 56]))
            }
        }
    }

    /// The end of a pass is saved before its text is generated.
    @Test(arguments: [33, 99])
    func aTextThatAStopPreventedIsGeneratedOnResuming(step: Int) throws {
        var spec = Tiny.spec()
        spec.generate.length = 12
        try withTemporaryFolder { straight in
            try withTemporaryFolder { stopped in
                try Tiny.finish(spec, in: straight)
                var reported = 0
                let result = try Tiny.run(spec, in: stopped).run(
                    shouldStop: { reported == step },
                    observe: { if case .epoch(let report) = $0 { reported = report.step } })
                #expect(result == .interrupted(step: step))
                let path = try RunFolder(name: "run", in: stopped).samplePath(step: step)
                #expect(!FileManager.default.fileExists(atPath: path))
                try Tiny.finish(spec, in: stopped)
                let expected = try Self.contents(of: straight + "/run")
                #expect(try Self.contents(of: stopped + "/run") == expected)
            }
        }
    }
}
