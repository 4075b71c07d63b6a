import Foundation
import Testing

/// Every verb does its work, and keeps products and messages apart.
@Suite(.serialized)
struct VerbTests {
    @Test func versionAndHelpArePrintedToStandardOutput() throws {
        try Workspace.with { workspace in
            let version = try Netrun.run("--version", in: workspace.folder)
            #expect(version.code == 0 && version.output.hasPrefix("netrun "))
            let help = try Netrun.run("--help", in: workspace.folder)
            #expect(help.code == 0 && help.errors.isEmpty)
            for verb in [
                "run", "check", "show", "plan", "generate", "evaluate", "layers", "schema", "bench",
            ] {
                #expect(help.output.contains(verb))
                let own = try Netrun.run(verb, "--help", in: workspace.folder)
                #expect(own.code == 0 && own.output.contains("USAGE: netrun \(verb)"))
            }
            let bare = try Netrun.run(in: workspace.folder)
            #expect(bare.code == 0 && bare.output == help.output)
        }
    }

    @Test func networksOfBytesWriteBytesThatAreNoText() throws {
        try Workspace.with { workspace in
            try workspace.write("text.bin", [UInt8](repeating: 0xFF, count: 600))
            let config = Workspace.config(path: "text.bin\n  tokens: bytes", prompt: "")
            try workspace.write("net.yaml", config)
            let run = try Netrun.run("net.yaml", "--quiet", in: workspace.folder)
            #expect(run.code == 0, "\(run.errors)")
            let result = try Netrun.run(
                "generate", "runs/tiny", "--length", "5", "--temperature", "0", "--prompt", "é",
                in: workspace.folder)
            #expect(result.code == 0, "\(result.errors)")
            let bytes = try workspace.bytes("log.out")
            #expect(bytes == Array("é".utf8) + [UInt8](repeating: 0xFF, count: 5) + [0x0A])
        }
    }

    @Test func trainedRunGeneratesAndEvaluates() throws {
        try Workspace.with { workspace in
            let run = try Netrun.run("net.yaml", "--threads", "1", in: workspace.folder)
            #expect(run.code == 0, "\(run.errors)")
            // Three samples, and nothing else, are the product.
            #expect(run.output.components(separatedBy: "the ").count > 3)
            #expect(!run.output.contains("loss"))
            #expect(run.errors.contains("validation loss") && run.errors.contains("done"))
            for name in ["spec.yaml", "metrics.jsonl", "best.safetensors"] {
                #expect(workspace.exists("runs/tiny/" + name))
            }
            let a = try Netrun.run(
                "generate", "runs/tiny", "--length", "50", "--prompt", "cat", in: workspace.folder)
            let b = try Netrun.run(
                "generate", "runs/tiny/", "--length", "50", "--prompt", "cat", in: workspace.folder)
            #expect(a.code == 0 && a.errors.isEmpty && a.output == b.output)
            #expect(a.output.count == 3 + 50 + 1)
            let file = try Netrun.run(
                "generate", "runs/tiny/best.safetensors", "--length", "50", "--prompt", "cat",
                in: workspace.folder)
            #expect(file.output == a.output)
            let test = try Netrun.run("evaluate", "runs/tiny", "--json", in: workspace.folder)
            let record = try JSONSerialization.jsonObject(with: Data(test.output.utf8))
            let loss = try #require((record as? [String: Any])?["loss"] as? Double)
            #expect(loss > 0 && loss < 3)
            #expect((record as? [String: Any])?["weights"] is NSNull)
            let text = try Netrun.run(
                "generate", "runs/tiny", "--length", "5", "--json", in: workspace.folder)
            #expect(text.output.contains("\"weights\":null"), "\(text)")
            let asked = try Netrun.run(
                "generate", "runs/tiny", "--length", "5", "--weights", "int8", "--json",
                in: workspace.folder)
            #expect(asked.output.contains("\"weights\":\"int8\""), "\(asked)")
            let rounded = try Netrun.run(
                "evaluate", "runs/tiny", "--weights", "int8", "--json", in: workspace.folder)
            let costs = try JSONSerialization.jsonObject(with: Data(rounded.output.utf8))
            #expect((costs as? [String: Any])?["weights"] as? String == "int8")
            let roundedLoss = try #require((costs as? [String: Any])?["loss"] as? Double)
            #expect(roundedLoss != loss && abs(roundedLoss - loss) < 0.1)
            // A run's data are found from any working folder.
            let elsewhere = try Netrun.run(
                "evaluate", workspace.path("runs/tiny"), "--json", in: "/")
            #expect(elsewhere.output == test.output, "\(elsewhere.errors)")
        }
    }

    @Test func shownFileMeansTheSame() throws {
        try Workspace.with { workspace in
            let shown = try Netrun.run("show", "net.yaml", in: workspace.folder)
            #expect(shown.code == 0)
            try workspace.write("shown.yaml", shown.output)
            let again = try Netrun.run("show", "shown.yaml", in: workspace.folder)
            #expect(again.output == shown.output)
            let checks = try ["net.yaml", "shown.yaml"].map {
                try Netrun.run("check", $0, in: workspace.folder)
            }
            #expect(checks.allSatisfy { $0.code == 0 && $0.errors.isEmpty })
            #expect(checks[0].output.dropFirst(8) == checks[1].output.dropFirst(10))
            let json = try Netrun.run("show", "net.yaml", "--json", in: workspace.folder)
            _ = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        }
    }

    @Test func standardInputIsAFile() throws {
        try Workspace.with { workspace in
            let result = try Netrun.run(
                "check", "-", in: workspace.folder, input: Workspace.config())
            #expect(result.code == 0, "\(result.errors)")
        }
    }

    @Test func optionsMayStandBeforeTheFile() throws {
        try Workspace.with { workspace in
            let result = try Netrun.run(
                "--threads", "1", "--set", "training.epochs=1", "net.yaml", "--quiet",
                in: workspace.folder)
            #expect(result.code == 0 && result.output.isEmpty && result.errors.isEmpty)
            #expect(workspace.exists("runs/tiny/best.safetensors"))
        }
    }

    @Test func everyLineOfJSONIsAnObject() throws {
        try Workspace.with { workspace in
            let result = try Netrun.run(
                "net.yaml", "--json", "--threads", "1", in: workspace.folder)
            #expect(result.code == 0 && result.errors.isEmpty)
            var events: [String] = []
            for line in result.output.split(separator: "\n") {
                let record = try JSONSerialization.jsonObject(with: Data(line.utf8))
                events.append((record as? [String: Any])?["event"] as? String ?? "")
            }
            #expect(events.first == "ready" && events.last == "finished")
            for event in ["step", "epoch", "checkpoint", "sample"] {
                #expect(events.contains(event))
            }
        }
    }

    @Test func planLayersSchemaAndBenchPrint() throws {
        try Workspace.with { workspace in
            let plan = try Netrun.run("plan", "net.yaml", in: workspace.folder)
            #expect(plan.code == 0 && plan.output.contains("lstm2"))
            // Layers that are done by others are still to be found.
            #expect(plan.output.contains("\n  with drop\n"), "\(plan.output)")
            #expect(plan.output.contains("backward lstm1 + drop "), "\(plan.output)")
            let larger = try Netrun.run("plan", "net.yaml", "--threads", "64", in: workspace.folder)
            #expect(larger.code == 0 && larger.output.contains("\n     64 "))
            // A run would not take more workers than there are cores.
            let chosen = larger.output.split(separator: "\n").first { $0.hasPrefix("chosen: ") }
            let words = try #require(chosen).split(separator: " ")
            #expect(words.dropFirst(2).starts(with: ["of", "at", "most"]))
            #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(Int(words[1]) ?? 0))
            let layers = try Netrun.run("layers", in: workspace.folder)
            #expect(layers.code == 0)
            for line in layers.output.split(separator: "\n") {
                let name = String(line.prefix { $0 != " " })
                let one = try Netrun.run("layers", name, in: workspace.folder)
                #expect(one.code == 0 && one.output.hasPrefix(name + ":"))
            }
            let unknown = try Netrun.run("layers", "lstn", in: workspace.folder)
            #expect(unknown.code == 64 && unknown.errors.contains("did you mean 'lstm'?"))
            let schema = try Netrun.run("schema", in: workspace.folder)
            _ = try JSONSerialization.jsonObject(with: Data(schema.output.utf8))
            let bench = try Netrun.run(
                "bench", "--units", "8", "--batch", "2", "--steps", "3", "--repetitions", "1",
                "--precision", "float32", "bfloat16", "--json", in: workspace.folder)
            #expect(bench.code == 0)
            let kinds = try bench.output.split(separator: "\n").map { line in
                let record = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return (record as? [String: Any])?["kind"] as? String
            }
            let steps = kinds.filter { $0 == "step" }
            #expect(steps.count >= 4)
            let float32 = ["layer", "layer"] + steps + ["network"]
            #expect(kinds == float32 + ["layer", "layer", "network"])
            let none = try Netrun.run(
                "bench", "--only", "deepbench", "--units", "3", in: workspace.folder)
            #expect(none.code == 64 && none.errors.contains("units 256, 512, 1024"))
        }
    }

    @Test func closedPipeEndsQuietly() throws {
        try Workspace.with { workspace in
            #expect(
                try Netrun.run("net.yaml", "--quiet", "--threads", "1", in: workspace.folder).code
                    == 0)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(Netrun.path))
            process.arguments = ["generate", "runs/tiny", "--length", "1000000"]
            process.currentDirectoryURL = URL(fileURLWithPath: workspace.folder)
            let output = Pipe()
            let errors = Pipe()
            (process.standardOutput, process.standardError) = (output, errors)
            try process.run()
            let first = try output.fileHandleForReading.read(upToCount: 10)
            #expect(first?.isEmpty == false)
            try output.fileHandleForReading.close()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
            let message = try errors.fileHandleForReading.readToEnd() ?? Data()
            #expect(message.isEmpty)
        }
    }
}
