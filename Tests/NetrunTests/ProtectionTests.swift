import Foundation
import Testing

/// What the user already has is not replaced by a run.
@Suite(.serialized)
struct ProtectionTests {
    private static func expectRefusal(
        _ arguments: [String], keeping name: String, saying part: String, in workspace: Workspace
    ) throws {
        let before = try workspace.bytes(name)
        let process = try Netrun.start(arguments, in: workspace.folder)
        let result = try Netrun.finish(process, in: workspace.folder)
        #expect(result.code == 73 && result.output.isEmpty, "\(arguments): \(result.errors)")
        #expect(result.errors.contains(part), "\(arguments): \(result.errors)")
        #expect(try workspace.bytes(name) == before, "\(arguments)")
    }

    @Test func theConfigurationIsNotReplacedByTheRunsOwn() throws {
        try Workspace.with { workspace in
            try workspace.write("spec.yaml", Workspace.config())
            try workspace.write("more.yaml", "extends: spec.yaml\n")
            for file in ["spec.yaml", "./spec.yaml", "more.yaml"] {
                for flags in [[], ["--fresh"]] {
                    try Self.expectRefusal(
                        ["run", file, "--run", "."] + flags, keeping: "spec.yaml",
                        saying: "the run would replace the configuration that it reads",
                        in: workspace)
                }
            }
            #expect(!workspace.exists("lock"))
        }
    }

    @Test func aRunGoesOnFromItsOwnSpec() throws {
        try Workspace.with { workspace in
            try workspace.write("more.yaml", "extends: runs/tiny/spec.yaml\n")
            let files = ["net.yaml", "runs/tiny/spec.yaml", "runs/tiny/spec.yaml", "more.yaml"]
            for (file, steps) in zip(files, [2, 2, 3, 4]) {
                let process = try Netrun.start(
                    ["run", file, "--quiet", "--set", "training.maximum_steps=\(steps)"],
                    in: workspace.folder)
                let result = try Netrun.finish(process, in: workspace.folder)
                #expect(result.code == 0, "\(file): \(result.errors)")
            }
        }
    }

    @Test func filesOfOthersInTheFolderAreKept() throws {
        try Workspace.with { workspace in
            try FileManager.default.createDirectory(
                atPath: workspace.path("mine"), withIntermediateDirectories: true)
            try workspace.write("mine/metrics.jsonl", "mine\n")
            try Self.expectRefusal(
                ["net.yaml", "--run", "mine"], keeping: "mine/metrics.jsonl", saying: "--fresh",
                in: workspace)
            try Self.expectRefusal(
                ["net.yaml", "--run", "mine", "--profile", "mine/trace.json"],
                keeping: "mine/metrics.jsonl", saying: "--fresh", in: workspace)
            #expect(!workspace.exists("mine/checkpoints"))
        }
    }

    @Test func theBestNetworkIsKeptWhereTheCheckpointsAreGone() throws {
        try Workspace.with { workspace in
            let run = ["net.yaml", "--quiet", "--set", "training.maximum_steps=2"]
            let first = try Netrun.finish(
                try Netrun.start(run, in: workspace.folder), in: workspace.folder)
            #expect(first.code == 0, "\(first.errors)")
            for name in try workspace.checkpoints() {
                try FileManager.default.removeItem(atPath: workspace.path(name))
            }
            let best = try workspace.bytes("runs/tiny/best.safetensors")
            for flags in [[], ["--set", "seed=99"]] {
                let again = try Netrun.finish(
                    try Netrun.start(run + flags, in: workspace.folder), in: workspace.folder)
                // What is complete stays so, and other settings are refused.
                #expect(again.code == (flags.isEmpty ? 0 : 65), "\(again.errors)")
                #expect(try workspace.bytes("runs/tiny/best.safetensors") == best)
            }
        }
    }

    @Test func aProfileReplacesNothingThatTheRunNeeds() throws {
        try Workspace.with { workspace in
            try workspace.write("more.yaml", "extends: net.yaml\n")
            let run = ["more.yaml", "--set", "training.maximum_steps=5"]
            let first = try Netrun.finish(
                try Netrun.start(run, in: workspace.folder), in: workspace.folder)
            #expect(first.code == 0, "\(first.errors)")
            for (name, verb) in [
                ("more.yaml", "reads this file"), ("net.yaml", "reads this file"),
                ("text.txt", "reads this file"),
                ("runs/tiny/best.safetensors", "itself writes here"),
                ("runs/tiny/lock", "itself writes here"),
            ] {
                try Self.expectRefusal(
                    run + ["--profile", name], keeping: name,
                    saying: "\(name): error: the run \(verb)", in: workspace)
            }
            try workspace.write("old.json", "old")
            let profiled = try Netrun.finish(
                try Netrun.start(
                    run + ["--fresh", "--profile", "old.json"], in: workspace.folder),
                in: workspace.folder)
            #expect(profiled.code == 0, "\(profiled.errors)")
            #expect(try workspace.bytes("old.json") != Array("old".utf8))
        }
    }

    @Test func aSecondSignalSaysThatNothingIsSaved() throws {
        try Workspace.with { workspace in
            let process = try Netrun.start(
                ["net.yaml", "--json", "--set", "training.epochs=100000"], in: workspace.folder)
            while process.isRunning, try workspace.bytes("log.out").count < 1000 { usleep(1000) }
            // Both are delivered before the run can answer the first.
            kill(process.processIdentifier, SIGSTOP)
            kill(process.processIdentifier, SIGINT)
            kill(process.processIdentifier, SIGTERM)
            kill(process.processIdentifier, SIGCONT)
            let result = try Netrun.finish(process, in: workspace.folder)
            #expect([130, 143].contains(result.code))
            #expect(result.errors == "\nended without saving\n", "\(result.errors)")
        }
    }

    @Test func aRunGoesOnWhereNobodyReadsAnyMore() throws {
        try Workspace.with { workspace in
            let output = Pipe()
            let process = try Netrun.start(
                ["net.yaml", "--json"], in: workspace.folder, output: output)
            _ = try output.fileHandleForReading.read(upToCount: 10)
            try output.fileHandleForReading.close()
            let result = try Netrun.finish(process, in: workspace.folder)
            #expect(!result.isKilled && result.code == 0)
            let metrics = String(
                decoding: try workspace.bytes("runs/tiny/metrics.jsonl"), as: UTF8.self)
            #expect(metrics.contains("\"epoch\":3"))
        }
    }
}
