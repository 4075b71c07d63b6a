import Foundation
import StrataGraph
import StrataKernels
import Testing

/// Messages say what is so, and name what can be changed.
@Suite(.serialized)
struct MessageTests {
    private static func run(_ arguments: [String], in workspace: Workspace) throws -> Netrun.Result
    {
        try Netrun.finish(
            try Netrun.start(arguments, in: workspace.folder), in: workspace.folder)
    }

    @Test func aRunThatIsCompleteNamesWhatEndedIt() throws {
        try Workspace.with { workspace in
            for (name, setting, advice) in [
                ("a", "training.epochs=1", "raise training.epochs,"),
                ("b", "training.maximum_steps=2", "raise training.maximum_steps,"),
                (
                    "c", "training.early_stopping={patience: 1, minimum_improvement: 100}",
                    "raise training.early_stopping.patience,"
                ),
            ] {
                let arguments = ["net.yaml", "--run", name, "--set", setting]
                #expect(try Self.run(arguments, in: workspace).code == 0)
                let again = try Self.run(arguments, in: workspace)
                #expect(again.code == 0 && again.errors.contains(advice), "\(again.errors)")
                #expect(!again.errors.contains("resuming"), "\(again.errors)")
            }
        }
    }

    @Test func withoutValidationTheLastNetworkIsKept() throws {
        try Workspace.with { workspace in
            let split = ["--set", "data.split={train: 1, validation: 0, test: 0}"]
            let one = ["net.yaml", "--set", "training.epochs=1"]
            let result = try Self.run(one + split, in: workspace)
            #expect(
                result.errors.contains("done; the last network is runs/tiny/best.safetensors"),
                "\(result.errors)")
            #expect(result.errors.contains("; 1 epoch of "), "\(result.errors)")
            let stopping = [
                "net.yaml", "--fresh", "--set", "training.early_stopping={patience: 2}",
            ]
            let refused = try Self.run(stopping + split, in: workspace)
            let check = ["check", "net.yaml", "--set", "training.early_stopping={patience: 2}"]
            let checked = try Self.run(check + split, in: workspace)
            #expect(refused.code == 78 && refused.errors == checked.errors, "\(refused.errors)")
            #expect(checked.errors.contains("early stopping needs"), "\(checked.errors)")
        }
    }

    @Test func aChangedPrecisionIsNamedAsSuch() throws {
        try Workspace.with { workspace in
            // Without fast bfloat16 both run in float32, and nothing is refused.
            guard Kernels.best.hasFastBFloat16 else { return }
            let run = ["net.yaml", "--quiet", "--set", "training.maximum_steps=2"]
            #expect(try Self.run(run, in: workspace).code == 0)
            let other = ["--set", "training.precision=bfloat16"]
            let refused = try Self.run(run + other, in: workspace)
            #expect(refused.code == 65)
            #expect(
                refused.errors.contains("training.precision was float32, is bfloat16"),
                "\(refused.errors)")
            #expect(refused.errors.contains("--set training.precision=float32"))
        }
    }

    @Test(
        arguments: Kernels.all.filter { $0.instructionSet(in: .float32) != $0.name }.map(\.name))
    func kernelsThatUseOthersInFloat32SaySo(name: String) throws {
        try Workspace.with { workspace in
            let run = try Self.run(
                ["net.yaml", "--kernels", name, "--set", "training.maximum_steps=1"], in: workspace)
            #expect(run.errors.contains("(what \(name) uses in float32)"), "\(run.errors)")
            let bench = try Self.run(
                [
                    "bench", "--kernels", name, "--units", "8", "--batch", "2", "--steps", "3",
                    "--repetitions", "1", "--precision", "float32", "--threads", "1",
                ], in: workspace)
            #expect(bench.output.contains("(what \(name) uses in float32)"), "\(bench.output)")
            #expect(bench.output.contains(", 1 thread:"), "\(bench.output)")
        }
    }

    @Test func aRunThatIsNotThereIsMissing() throws {
        try Workspace.with { workspace in
            let run = ["net.yaml", "--quiet", "--set", "training.maximum_steps=1"]
            #expect(try Self.run(run, in: workspace).code == 0)
            for (path, part) in [
                ("runs/nosuch", "there is no such folder"), ("tiny", "did you mean 'runs/tiny'?"),
                ("runs/tiny/checkpoints", "there is no checkpoint"),
            ] {
                for verb in ["generate", "evaluate"] {
                    let result = try Self.run([verb, path], in: workspace)
                    #expect(result.code == 66 && result.errors.contains(part), "\(result.errors)")
                }
            }
        }
    }

    @Test func emptyPathsAreWrongUseOfTheirVerb() throws {
        try Workspace.with { workspace in
            for arguments in [
                ["generate", ""], ["evaluate", ""], ["run", "net.yaml", "--run", ""],
            ] {
                let result = try Self.run(arguments, in: workspace)
                #expect(result.code == 64, "\(arguments): \(result.errors)")
                #expect(
                    result.errors.contains("Usage: netrun \(arguments[0])"), "\(result.errors)")
            }
        }
    }

    @Test func benchNamesTheOptionThatIsWrong() throws {
        try Workspace.with { workspace in
            for (option, value, limit) in [
                ("--threads", "0", "1024"), ("--batch", "100000000", "65536"),
                ("--units", "60000", "16384"), ("--steps", "0", "100000"),
                ("--repetitions", "0", "10000"),
            ] {
                let result = try Self.run(["bench", option, value], in: workspace)
                #expect(result.code == 64)
                #expect(
                    result.errors.contains("\(option) must be from 1 to \(limit)"),
                    "\(result.errors)")
            }
            let large = ["bench", "--units", "64", "--batch", "65536", "--steps", "100000"]
            let result = try Self.run(large, in: workspace)
            #expect(result.code == 78 && result.errors.contains("lower --units, --batch or"))
        }
    }

    @Test func helpAndVersionAreProducts() throws {
        guard FileManager.default.isWritableFile(atPath: "/dev/full") else { return }
        try Workspace.with { workspace in
            for arguments in [["--help"], ["help", "run"], ["--version"], []] {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: try #require(Netrun.path))
                process.arguments = arguments
                process.currentDirectoryURL = URL(fileURLWithPath: workspace.folder)
                process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
                process.standardError = FileHandle.nullDevice
                try process.run()
                process.waitUntilExit()
                #expect(process.terminationStatus == 74, "\(arguments)")
            }
        }
    }
}
