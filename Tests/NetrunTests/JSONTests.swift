import Foundation
import StrataSchema
import Testing

/// `--json` tells programs the same as the text tells people.
@Suite(.serialized)
struct JSONTests {
    private typealias Object = [String: Any]

    private static func object(_ text: String) throws -> Object {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object)
    }

    private static func keys(_ value: Any?) -> [String] {
        ((value as? Object) ?? [:]).keys.sorted()
    }

    @Test func checkListsEveryMistakeWithItsPlace() throws {
        try Workspace.with { workspace in
            let good = try Netrun.run("check", "net.yaml", "--json", in: workspace.folder)
            let record = try Self.object(good.output)
            #expect(good.code == 0 && good.errors.isEmpty && record["ok"] as? Bool == true)
            #expect(record["layers"] as? Int == 4)
            #expect((record["diagnostics"] as? [Any])?.isEmpty == true)

            let text = Workspace.config(epochs: "three")
                .replacingOccurrences(of: "graves_lstm, units", with: "graves_lstm, untis")
            try workspace.write("net.yaml", text)
            let bad = try Netrun.run("check", "net.yaml", "--json", in: workspace.folder)
            #expect(bad.code == 78 && bad.errors.isEmpty)
            let failed = try Self.object(bad.output)
            #expect(failed["ok"] as? Bool == false && Self.keys(failed) == Self.keys(record))
            let mistakes = try #require(failed["diagnostics"] as? [Object])
            #expect(mistakes.count == 2)
            let first = try #require(mistakes.first)
            #expect(
                Self.keys(first) == [
                    "code", "column", "file", "hint", "length", "line", "message", "notes", "path",
                ])
            #expect(
                first["file"] as? String == "net.yaml" && first["code"] as? String == "unknown_key")
            #expect([first["line"], first["column"], first["length"]] as? [Int] == [15, 32, 5])
            #expect(first["path"] as? String == "network.layers.lstm2")
            #expect(first["hint"] as? String == "did you mean 'units'?")
        }
    }

    @Test func checkCountsTheMistakesThatItLeavesOut() throws {
        try Workspace.with { workspace in
            let unknown = (0..<130).map { "zz\($0): 1\n" }.joined()
            try workspace.write("net.yaml", unknown + Workspace.config())
            let result = try Netrun.run("check", "net.yaml", "--json", in: workspace.folder)
            let record = try Self.object(result.output)
            #expect(result.code == 78 && record["omitted"] as? Int == 30)
            #expect((record["diagnostics"] as? [Any])?.count == 100)
        }
    }

    @Test func checkTellsOfDataAndFilesToo() throws {
        try Workspace.with { workspace in
            try workspace.write("nodata.yaml", Workspace.config(path: "txet.txt"))
            for (file, code, kind) in [("nodata.yaml", 66, "data"), ("none.yaml", 66, "file")] {
                let result = try Netrun.run("check", file, "--json", in: workspace.folder)
                #expect(result.code == Int32(code) && result.errors.isEmpty)
                let mistakes = try #require(
                    try Self.object(result.output)["diagnostics"] as? [Object])
                #expect(mistakes.map { $0["code"] as? String } == [kind])
                #expect((mistakes[0]["message"] as? String)?.contains("there is no") == true)
            }
            let shown = try Netrun.run("check", "nodata.yaml", in: workspace.folder)
            #expect(shown.errors.hasPrefix("nodata.yaml:7:9: error: txet.txt: "), "\(shown.errors)")
            #expect(shown.errors.contains("^~~~~~~~ did you mean 'text.txt'?"), "\(shown.errors)")
        }
    }

    @Test func planHasLayersCommandsAndBuffers() throws {
        try Workspace.with { workspace in
            let result = try Netrun.run("plan", "net.yaml", "--json", in: workspace.folder)
            let plan = try Self.object(result.output)
            let layers = try #require(plan["layers"] as? [Object])
            #expect(layers.compactMap { $0["name"] as? String } == ["lstm1", "lstm2", "next"])
            #expect(layers.map { $0["fused"] as? [String] } == [["drop"], [], []])
            let parameters = try #require(plan["parameters"] as? Int)
            #expect(layers.compactMap { $0["parameters"] as? Int }.reduce(0, +) == parameters)
            #expect(plan["parameter_bytes"] as? Int == 4 * parameters)
            let arena = try #require(plan["arena_bytes"] as? Int)
            let buffers = try #require(plan["buffers"] as? [Object])
            let names = buffers.compactMap { $0["name"] as? String }
            let ends = buffers.compactMap { buffer in
                (buffer["offset_bytes"] as? Int).flatMap { start in
                    (buffer["bytes"] as? Int).map { start + $0 }
                }
            }
            #expect(ends.max() == arena && ends.count == buffers.count)
            let commands = try #require(plan["commands"] as? [Object])
            for command in commands {
                for name in (command["reads"] as? [String] ?? []) { #expect(names.contains(name)) }
            }
            #expect(commands.contains { $0["operation"] as? String == "backward" })
            #expect((plan["flops"] as? Int ?? 0) > 0)
        }
    }

    @Test func planCountsTheSameForLayersAndCommands() throws {
        try Workspace.with { workspace in
            let branches = Workspace.config().replacingOccurrences(
                of: "{type: output,", with: "{type: output, from: [lstm1, lstm2],")
            try workspace.write("net.yaml", branches)
            let result = try Netrun.run("plan", "net.yaml", "--json", in: workspace.folder)
            let plan = try Self.object(result.output)
            let commands = try #require(plan["commands"] as? [Object])
            let layers = try #require(plan["layers"] as? [Object])
            let operations = Set(commands.compactMap { $0["operation"] as? String })
            #expect(
                operations == [
                    "prepare", "forward", "loss", "sum_gradients", "backward", "carry", "barrier",
                ])
            for layer in layers {
                let own = commands.filter {
                    $0["layer"] as? String == layer["name"] as? String
                }
                func flops(_ operation: String) -> Int? {
                    own.first { $0["operation"] as? String == operation }?["flops"] as? Int
                }
                let forward = layer["forward_flops"] as? Int
                // A loss does all three parts at once: outputs, and gradients of data and weights.
                #expect(forward == flops("forward") ?? flops("loss").map { $0 / 3 })
            }
            #expect(layers.contains { ($0["forward_flops"] as? Int ?? 0) > 0 })
        }
    }

    @Test func layersAreTheCatalog() throws {
        try Workspace.with { workspace in
            let all = try Self.object(
                try Netrun.run("layers", "--json", in: workspace.folder).output)
            let layers = try #require(all["layers"] as? [Object])
            let listed = try Netrun.run("layers", in: workspace.folder).output
                .split(separator: "\n").map { String($0.prefix { $0 != " " }) }
            #expect(layers.compactMap { $0["type"] as? String } == listed)
            let one = try Self.object(
                try Netrun.run("layers", "GravesLSTM", "--json", in: workspace.folder).output)
            #expect(one["type"] as? String == "graves_lstm")
            let fields = try #require(one["fields"] as? [Object])
            #expect(fields.first?["key"] as? String == "units")
            #expect(fields.first?["default"] as? Int == 128)
        }
    }

    @Test func eventsHaveTheDocumentedKeys() throws {
        let keys: [String: Set<String>] = [
            "ready": [
                "parameters", "vocabulary", "train_tokens", "steps_per_epoch", "epochs", "threads",
                "thread_limit", "kernels", "precision",
            ],
            "step": ["step", "epoch", "loss", "gradient_norm"],
            "epoch": [
                "epoch", "step", "train_loss", "validation_loss", "perplexity", "bits_per_token",
                "is_best",
            ],
            "checkpoint": ["path"], "sample": ["text"], "finished": ["result"],
            "profile": [
                "steps", "seconds_per_step", "flops_per_step", "peak_flops_per_second", "rows",
                "rest_seconds", "waiting_seconds",
            ],
        ]
        try Workspace.with { workspace in
            let run = try Netrun.run(
                "net.yaml", "--json", "--profile", "trace.json", in: workspace.folder)
            #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
            let events = try run.output.split(separator: "\n").map { try Self.object(String($0)) }
            #expect(Set(events.compactMap { $0["event"] as? String }) == Set(keys.keys))
            for event in events {
                let known = keys[event["event"] as? String ?? ""] ?? []
                #expect(known.subtracting(event.keys).isEmpty, "\(event.keys.sorted())")
            }
        }
    }

    @Test func generatedTextIsOneObject() throws {
        try Workspace.with { workspace in
            let run = try Netrun.run("net.yaml", "--quiet", in: workspace.folder)
            #expect(run.code == 0, "\(run.errors)")
            func generate(_ arguments: String...) throws -> String {
                let process = try Netrun.start(
                    ["generate", "runs/tiny", "--length", "20", "--prompt", "cat"] + arguments,
                    in: workspace.folder)
                let result = try Netrun.finish(process, in: workspace.folder)
                #expect(result.code == 0 && result.errors.isEmpty, "\(result.errors)")
                return result.output
            }
            let plain = try generate("--seed", "5")
            let record = try Self.object(try generate("--seed", "5", "--json", "--threads", "2"))
            let text = try #require(record["text"] as? String)
            #expect("cat" + text + "\n" == plain)
            #expect(record["prompt"] as? String == "cat" && record["seed"] as? Int == 5)
            #expect(record["tokens"] as? Int == 20 && record["temperature"] as? Double == 0.8)
        }
    }
}
