import Foundation
import StrataFormats
import Testing

/// What is wrong is said with its place, and the exit code tells what kind it is.
@Suite(.serialized)
struct FailureTests {
    @Test func mistakesAreShownWithPlaceCaretAndRemedy() throws {
        try Workspace.with { workspace in
            let text = Workspace.config(epochs: "three")
                .replacingOccurrences(of: "graves_lstm, units", with: "graves_lstm, untis")
            try workspace.write("net.yaml", text)
            for verb in ["check", "run", "show", "plan"] {
                let result = try Netrun.run(verb, "net.yaml", in: workspace.folder)
                #expect(result.code == 78 && result.output.isEmpty)
                #expect(
                    result.errors.contains(
                        "net.yaml:15:32: error: layer 'lstm2' has no setting 'untis'"))
                #expect(result.errors.contains("^~~~~ did you mean 'units'?"))
                #expect(result.errors.contains("net.yaml:18:11: error: expected a whole number"))
            }
            #expect(!workspace.exists("runs"))
        }
    }

    @Test(arguments: ["0", "-1", "1099511627776", "16777216", "1e400", ".nan", "'8'", "8.5", "[]"])
    func impossibleSizesAreConfigurationErrors(units: String) throws {
        try Workspace.with { workspace in
            try workspace.write("net.yaml", Workspace.config(units: units))
            let result = try Netrun.run("net.yaml", "--threads", "1", in: workspace.folder)
            #expect(result.code == 78 && result.errors.contains("net.yaml:13:"), "\(result.errors)")
        }
    }

    @Test(arguments: ["q", ".", "..", "/", "é", "~"])
    func shortPathsWithoutARunAreMissingInput(path: String) throws {
        try Workspace.with { workspace in
            for verb in ["generate", "evaluate"] {
                let result = try Netrun.run(verb, path, in: workspace.folder)
                #expect(result.code == 66, "\(verb) \(path): \(result.errors)")
            }
        }
    }

    @Test func configurationsOfOneLetterAreRead() throws {
        try Workspace.with { workspace in
            try workspace.write("c", Workspace.config())
            try workspace.write("d", "extends: c\n")
            for name in ["c", "d"] {
                let result = try Netrun.run("check", name, in: workspace.folder)
                #expect(result.code == 0, "\(result.errors)")
            }
        }
    }

    @Test func cyclesAreConfigurationErrors() throws {
        try Workspace.with { workspace in
            let text = Workspace.config()
                .replacingOccurrences(
                    of: "units: 8}\n    drop", with: "units: 8, from: lstm2}\n    drop")
            try workspace.write("net.yaml", text)
            let result = try Netrun.run("check", "net.yaml", in: workspace.folder)
            #expect(result.code == 78 && result.errors.contains("circle"), "\(result.errors)")
        }
    }

    @Test func filesThatAreAbsentOrUseless() throws {
        try Workspace.with { workspace in
            try workspace.write("empty.yaml", "")
            try workspace.write("comments.yaml", "# nothing\n\n# here\n")
            try workspace.write("list.yaml", "- a\n- b\n")
            try workspace.write("nodata.yaml", Workspace.config(path: "txet.txt"))
            try workspace.write("short.txt", "hi\n")
            try workspace.write("short.yaml", Workspace.config(path: "short.txt"))
            try workspace.write("bytes.txt", Array("abc".utf8) + [0xFF, 0xFE] + Array("def".utf8))
            try workspace.write("bytes.yaml", Workspace.config(path: "bytes.txt"))
            try workspace.write("prompt.yaml", Workspace.config(prompt: "É"))
            try workspace.write("binary.yaml", [0, 1, 2, 0xFF])
            try workspace.write("home.yaml", Workspace.config(path: "~/text.txt"))
            try workspace.write("large.yaml", String(repeating: "#", count: 2_000_000))
            try workspace.write("same.txt", String(repeating: "a", count: 1000))
            try workspace.write("same.yaml", Workspace.config(path: "same.txt", prompt: "b"))
            try workspace.write("folder.yaml", Workspace.config(path: "."))
            for (name, code, part) in [
                ("folder.yaml", 66, "this is a folder"), ("home.yaml", 66, "home folder"),
                ("large.yaml", 78, "at most 1048576 bytes"), ("same.yaml", 78, "only 'a'"),
                ("nothere.yaml", 66, "nothere.yaml"),
                ("./", 66, "folder"),
                ("empty.yaml", 78, "empty"),
                ("comments.yaml", 78, "only comments"), ("list.yaml", 78, "list.yaml:1:1"),
                ("nodata.yaml", 66, "did you mean"), ("short.yaml", 65, "too little text"),
                ("bytes.yaml", 65, "byte offset 3"), ("prompt.yaml", 78, "'É'"),
                ("binary.yaml", 78, "binary.yaml"),
            ] {
                let result = try Netrun.run("run", name, in: workspace.folder)
                #expect(result.code == Int32(code), "\(name): \(result.errors)")
                #expect(result.errors.contains(part), "\(name): \(result.errors)")
                #expect(result.output.isEmpty)
            }
        }
    }

    @Test func wrongUseOfTheCommandLine() throws {
        try Workspace.with { workspace in
            for arguments in [
                ["run", "net.yaml", "--frsh"], ["run", "net.yaml", "--threads", "0"],
                ["run", "net.yaml", "--threads", "abc"], ["nosuch"], ["run"], ["generate"],
                ["generate", "runs/x", "--temperature", "nan"], ["bench", "--units", "0"],
                ["bench", "--kernels", "none"],
                ["bench", "--layers", "dropout"], ["bench", "--layers", "embedding"],
                ["evaluate", "runs/x", "--part", "all"],
            ] {
                let process = try Netrun.start(arguments, in: workspace.folder)
                let result = try Netrun.finish(process, in: workspace.folder)
                #expect(result.code == 64 && result.output.isEmpty, "\(arguments)")
                #expect(result.errors.contains("Usage: netrun"), "\(arguments)")
            }
        }
    }

    @Test func anUnknownPrecisionOfWeightsNamesTheKnownOnes() throws {
        try Workspace.with { workspace in
            let result = try Netrun.run("generate", "x", "--weights", "int4", in: workspace.folder)
            #expect(result.code == 64)
            #expect(
                result.errors.contains("weights are read as one of float32, bfloat16, int8"),
                "\(result.errors)")
        }
    }

    @Test func valuesMayBeginWithADash() throws {
        try Workspace.with { workspace in
            let threads = try Netrun.run("net.yaml", "--threads", "-1", in: workspace.folder)
            #expect(threads.code == 64)
            #expect(threads.errors.contains("--threads must be from 1"), "\(threads.errors)")
            for option in ["--length", "--temperature"] {
                let result = try Netrun.run("generate", "x", option, "-1", in: workspace.folder)
                #expect(result.code == 64)
                #expect(result.errors.contains("\(option) must be"), "\(result.errors)")
            }
            // The run is what is wrong here, not the prompt.
            let prompt = try Netrun.run("generate", "x", "--prompt", "- a", in: workspace.folder)
            #expect(prompt.code == 66, "\(prompt.errors)")
        }
    }

    @Test func misspelledVerbSuggestsTheNearest() throws {
        try Workspace.with { workspace in
            for arguments in [["genrate", "runs/tiny"], ["help", "genrate"]] {
                let process = try Netrun.start(arguments, in: workspace.folder)
                let result = try Netrun.finish(process, in: workspace.folder)
                #expect(result.code == 64 && result.output.isEmpty)
                #expect(result.errors.contains("did you mean 'generate'?"), "\(result.errors)")
            }
        }
    }

    @Test func overridesAreCheckedLikeTheFile() throws {
        try Workspace.with { workspace in
            for (setting, part) in [
                ("training.epochs=x", "whole number"), ("training.epohcs=1", "epochs"),
                ("nonsense", "nonsense"),
            ] {
                let result = try Netrun.run(
                    "check", "net.yaml", "--set", setting, in: workspace.folder)
                #expect(result.code == 78 || result.code == 64, "\(setting): \(result.errors)")
                #expect(result.errors.contains(part), "\(setting): \(result.errors)")
            }
        }
    }

    @Test func divergenceIsTheRunsFailure() throws {
        try Workspace.with { workspace in
            let result = try Netrun.run(
                "net.yaml", "--set", "training.optimizer.learning_rate=1e38", in: workspace.folder)
            #expect(result.code == 1)
            #expect(result.errors.contains("diverged at step"), "\(result.errors)")
        }
    }

    @Test func foldersThatCannotBeMade() throws {
        try Workspace.with { workspace in
            for folder in ["text.txt", "text.txt/x", "/proc/nothing"] {
                let result = try Netrun.run("net.yaml", "--run", folder, in: workspace.folder)
                #expect(result.code == 73 && result.errors.contains(folder), "\(result.errors)")
            }
        }
    }

    @Test func trainedRunsAndDamage() throws {
        try Workspace.with { workspace in
            #expect(
                try Netrun.run("net.yaml", "--quiet", "--threads", "1", in: workspace.folder).code
                    == 0)
            let unknown = try Netrun.run(
                "generate", "runs/tiny", "--prompt", "É", in: workspace.folder)
            #expect(unknown.code == 65 && unknown.output.isEmpty)
            #expect(unknown.errors.hasPrefix("error: the character 'É'"), "\(unknown.errors)")
            for (path, code) in [("runs/nothing", 66), ("text.txt", 66), ("x.safetensors", 66)] {
                let result = try Netrun.run("generate", path, in: workspace.folder)
                #expect(result.code == Int32(code), "\(path): \(result.errors)")
            }
            let best = try workspace.bytes("runs/tiny/best.safetensors")
            for cut in [0, 1, 7, 8, 100, best.count / 2, best.count - 1] {
                try workspace.write("cut.safetensors", Array(best.prefix(cut)))
                let result = try Netrun.run("generate", "cut.safetensors", in: workspace.folder)
                #expect(result.code == 65 && result.errors.contains("cut.safetensors"), "\(cut)")
            }
            for place in [0, 9, 60, best.count / 3, best.count - 1] {
                var flipped = best
                flipped[place] ^= 1
                try workspace.write("flip.safetensors", flipped)
                let result = try Netrun.run("generate", "flip.safetensors", in: workspace.folder)
                #expect(result.code == 65 && result.output.isEmpty, "\(place): \(result.errors)")
            }
            let other = try Netrun.run(
                "net.yaml", "--set", "network.layers.lstm1.units=9", in: workspace.folder)
            #expect(other.code == 65)
            #expect(other.errors.contains("network.layers.lstm1.units was 8, is 9"))
            #expect(other.errors.contains("--fresh"))
        }
    }

    @Test func brokenNewestCheckpointIsSkippedWithAWarning() throws {
        try Workspace.with { workspace in
            #expect(
                try Netrun.run("net.yaml", "--quiet", "--threads", "1", in: workspace.folder).code
                    == 0)
            let newest = try #require(try workspace.checkpoints().last)
            try workspace.write(newest, Array(try workspace.bytes(newest).dropLast(100)))
            let result = try Netrun.run(
                "net.yaml", "--quiet", "--threads", "1", in: workspace.folder)
            #expect(result.code == 0)
            #expect(result.errors.contains(newest + ": warning: skipped"), "\(result.errors)")
            // With all broken nothing is started over silently.
            for name in try workspace.checkpoints() { try workspace.write(name, [1, 2, 3]) }
            let refused = try Netrun.run(
                "net.yaml", "--quiet", "--threads", "1", in: workspace.folder)
            #expect(refused.code == 65, "\(refused.errors)")
        }
    }

    /// A disk that fills up while a checkpoint is written, played by a limit on the size of files.
    @Test func fullDiskLeavesTheCheckpointBefore() throws {
        try Workspace.with { workspace in
            func train(_ run: String, _ steps: Int, blocks: Int? = nil) throws -> Netrun.Result {
                let arguments = [
                    "net.yaml", "--quiet", "--run", run, "--set", "training.maximum_steps=\(steps)",
                ]
                let limit = blocks.map { "ulimit -f \($0) && " } ?? ""
                let process = try Netrun.start(
                    ["-c", limit + "exec \"$0\" \"$@\"", try #require(Netrun.path)] + arguments,
                    in: workspace.folder, program: "/bin/sh")
                return try Netrun.finish(process, in: workspace.folder)
            }
            #expect(try train("straight", 20).code == 0)
            #expect(try train("full", 10).code == 0)
            let before = try workspace.checkpoints("full")
            let bytes = try before.map { try workspace.bytes($0) }
            // A checkpoint has tens of KiB; all other files of the run have less than 4.
            let failed = try train("full", 20, blocks: 8)
            #expect(failed.code == 74 && !failed.isKilled, "\(failed.errors)")
            #expect(failed.errors.contains("full/"), "\(failed.errors)")
            #expect(failed.errors.contains("error:"), "\(failed.errors)")
            #expect(try workspace.checkpoints("full") == before)
            #expect(try before.map { try workspace.bytes($0) } == bytes)
            #expect(try train("full", 20).code == 0)
            for name in ["best.safetensors", "checkpoints/step-000000020.safetensors"] {
                #expect(
                    try Safetensors(reading: workspace.path("straight/" + name)).tensors
                        == Safetensors(reading: workspace.path("full/" + name)).tensors)
            }
        }
    }

    /// A system that refuses threads, played by a limit on memory: each needs a stack.
    @Test func aTeamIsAsLargeAsTheSystemAllows() throws {
        try Workspace.with { workspace in
            // The one verb that takes more threads than there are cores.
            let arguments = [
                "bench", "--threads", "1024", "--layers", "lstm", "--units", "8", "--batch", "1",
                "--steps", "2", "--repetitions", "1", "--precision", "float32",
            ]
            let process = try Netrun.start(
                ["-c", "ulimit -v 1500000 && exec \"$0\" \"$@\"", try #require(Netrun.path)]
                    + arguments,
                in: workspace.folder, program: "/bin/sh")
            let result = try Netrun.finish(process, in: workspace.folder)
            #expect(result.code == 0 && !result.isKilled, "\(result.errors)")
        }
    }

    /// The number of a closed standard file is free for the next file that is opened.
    @Test func closedStandardFilesAreNotTakenForFilesOfTheRun() throws {
        try Workspace.with { workspace in
            for (closed, code) in [(">&-", 74), ("2>&-", 0), ("<&- >&- 2>&-", 74)] {
                let process = try Netrun.start(
                    ["-c", "exec \"$0\" net.yaml --fresh \(closed)", try #require(Netrun.path)],
                    in: workspace.folder, program: "/bin/sh")
                let result = try Netrun.finish(process, in: workspace.folder)
                #expect(result.code == Int32(code), "\(closed): \(result.errors)")
                let lock = try workspace.bytes("runs/tiny/lock")
                #expect(lock == Array("\(process.processIdentifier)\n".utf8), "\(closed)")
                let sound = try Netrun.run("evaluate", "runs/tiny", in: workspace.folder)
                #expect(sound.code == 0, "\(sound.errors)")
            }
        }
    }

    /// The data of the file are larger than what the process may allocate, and than the file on the disk.
    @Test func filesBeyondTheMemoryOfAProcessAreRefused() throws {
        try Workspace.with { workspace in
            let size = 3 << 30
            let header =
                #"{"__metadata__":{"strata.checkpoint":"1"},"a.W":{"dtype":"F32","#
                + #""shape":[\#(size / 4)],"data_offsets":[0,\#(size)]}}"#
            let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) }
            try workspace.write("big.safetensors", length + Array(header.utf8))
            let path = workspace.folder + "/big.safetensors"
            try #require(truncate(path, off_t(8 + header.utf8.count + size)) == 0)
            let process = try Netrun.start(
                [
                    "-c", "ulimit -v 2500000; exec \"$0\" generate big.safetensors",
                    try #require(Netrun.path),
                ],
                in: workspace.folder, program: "/bin/sh")
            let result = try Netrun.finish(process, in: workspace.folder)
            #expect(result.code == 65, "\(result.errors)")
            #expect(result.errors.contains("of memory"), "\(result.errors)")
        }
    }

    @Test func fullDeviceIsAnOutputError() throws {
        guard FileManager.default.isWritableFile(atPath: "/dev/full") else { return }
        try Workspace.with { workspace in
            let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
            let process = try Netrun.start(
                ["show", "net.yaml"], in: workspace.folder, output: full)
            let result = try Netrun.finish(process, in: workspace.folder)
            #expect(result.code == 74)
            #expect(result.errors.contains("standard output"))
        }
    }
}
