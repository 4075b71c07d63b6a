import Foundation
import Testing

/// `netrun run --profile` shows where the time goes, and changes nothing else.
@Suite(.serialized)
struct ProfileVerbTests {
    @Test func profileIsATraceAndATable() throws {
        try Workspace.with { workspace in
            let plain = try Netrun.run("net.yaml", in: workspace.folder)
            let run = try Netrun.run(
                "net.yaml", "--profile", "trace.json", "--run", "runs/profiled",
                in: workspace.folder)
            #expect(run.code == 0 && run.output == plain.output, "\(run.errors)")
            for text in ["profile: 20 steps of T 5, B 4", "recurrence", "optimizer", "worker 0"] {
                #expect(run.errors.contains(text), "\(text): \(run.errors)")
            }
            let trace = try JSONSerialization.jsonObject(with: Data(workspace.bytes("trace.json")))
            let events = (trace as? [String: Any])?["traceEvents"] as? [[String: Any]]
            let names = Set((events ?? []).compactMap { $0["name"] as? String })
            #expect(names.isSuperset(of: ["step 20", "lstm2 backward", "optimizer", "data"]))
            let metrics = try ["tiny", "profiled"].map {
                try workspace.bytes("runs/\($0)/metrics.jsonl")
            }
            #expect(metrics[0] == metrics[1])
        }
    }

    @Test func aQuietRunWritesTheTraceOnly() throws {
        try Workspace.with { workspace in
            let run = try Netrun.run(
                "net.yaml", "--quiet", "--profile", "trace.json", in: workspace.folder)
            #expect(run.code == 0 && run.output.isEmpty && run.errors.isEmpty, "\(run.errors)")
            #expect(try !workspace.bytes("trace.json").isEmpty)
        }
    }

    @Test func profileIsAnEventOfJSON() throws {
        try Workspace.with { workspace in
            let run = try Netrun.run(
                "net.yaml", "--json", "--profile", "trace.json", in: workspace.folder)
            #expect(run.code == 0 && run.errors.isEmpty)
            let line = run.output.split(separator: "\n").first { $0.contains(#""profile""#) }
            let record = try JSONSerialization.jsonObject(with: Data((line ?? "").utf8))
            let rows = (record as? [String: Any])?["rows"] as? [[String: Any]]
            #expect(rows?.contains { $0["layer"] as? String == "lstm1" } == true)
        }
    }

    @Test func shortRunsAreProfiledAsFarAsTheyGo() throws {
        try Workspace.with { workspace in
            let run = try Netrun.run(
                "net.yaml", "--set", "training.maximum_steps=5", "--profile", "trace.json",
                in: workspace.folder)
            #expect(run.code == 0 && run.errors.contains("profile: 2 steps"))
            let shorter = try Netrun.run(
                "net.yaml", "--set", "training.maximum_steps=2", "--profile", "none.json",
                "--fresh", in: workspace.folder)
            #expect(shorter.code == 0 && shorter.errors.contains("no step was recorded"))
            #expect(!workspace.exists("none.json"))
        }
    }

    @Test func traceThatCannotBeWrittenIsToldBeforeTraining() throws {
        try Workspace.with { workspace in
            try FileManager.default.createDirectory(
                atPath: workspace.path("folder"), withIntermediateDirectories: true)
            for path in ["missing/trace.json", "folder", "new/", "text.txt/trace.json"] {
                let run = try Netrun.run("net.yaml", "--profile", path, in: workspace.folder)
                #expect(run.code == 73 && run.output.isEmpty, "\(path): \(run.errors)")
                #expect(run.errors.contains("\(path): error: cannot be created"), "\(run.errors)")
                #expect(!workspace.exists("runs"))
            }
            let nameless = try Netrun.run("net.yaml", "--profile", "", in: workspace.folder)
            #expect(nameless.code == 64, "\(nameless.errors)")
        }
    }

    @Test func traceMayStandInTheRunsOwnFolder() throws {
        try Workspace.with { workspace in
            let path = "runs/tiny/trace.json"
            let run = try Netrun.run("net.yaml", "--profile", path, in: workspace.folder)
            #expect(run.code == 0 && workspace.exists(path), "\(run.errors)")
        }
    }
}
