import Foundation
import StrataKernels
import Testing

/// Signals at any moment: the same command goes on to the same bits.
@Suite(.serialized)
struct StopTests {
    /// Long enough, about a second, that a signal finds it training.
    private static let epochs = "training.epochs=150"

    /// Starts the run and waits until it is training.
    private static func startTraining(
        _ workspace: Workspace, threads: Int, run: String, log: String
    ) throws -> Process {
        let process = try Netrun.start(
            ["net.yaml", "--json", "--threads", "\(threads)", "--run", run, "--set", epochs],
            in: workspace.folder, log: log)
        let end = Date(timeIntervalSinceNow: 60)
        while process.isRunning, Date() < end {
            let facts = try FileManager.default.attributesOfItem(
                atPath: workspace.path(log + ".out"))
            if (facts[.size] as? Int ?? 0) > 1000 { break }
            usleep(1000)
        }
        return process
    }

    private static func expectSameResult(_ workspace: Workspace, _ a: String, _ b: String) throws {
        for name in ["metrics.jsonl", "best.safetensors"] {
            #expect(
                try workspace.bytes("\(a)/\(name)") == workspace.bytes("\(b)/\(name)"), "\(name)")
        }
        let last = try [a, b].map { try #require(try workspace.checkpoints($0).last) }
        #expect(try workspace.bytes(last[0]) == workspace.bytes(last[1]))
    }

    private static func finishStraight(_ workspace: Workspace) throws {
        let result = try Netrun.run(
            "net.yaml", "--quiet", "--threads", "1", "--run", "straight", "--set", epochs,
            in: workspace.folder)
        #expect(result.code == 0, "\(result.errors)")
    }

    @Test func signalsSaveAndTheSameCommandGoesOn() throws {
        try Workspace.with { workspace in
            try Self.finishStraight(workspace)
            var interruptions = 0
            let stops: [(signal: Int32, code: Int32)] = [
                (SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143),
            ]
            for (index, stop) in stops.enumerated() {
                let process = try Self.startTraining(
                    workspace, threads: 1 + index % 2, run: "stopped", log: "log")
                usleep(UInt32(index * 13 % 40) * 1000)
                kill(process.processIdentifier, stop.signal)
                let result = try Netrun.finish(process, in: workspace.folder)
                #expect(!result.isKilled && result.errors.isEmpty, "\(result.errors)")
                if result.code == 0 { break }
                interruptions += 1
                #expect(result.code == stop.code)
                #expect(result.output.contains("\"interrupted\""))
            }
            #expect(interruptions > 0)
            let last = try Netrun.run(
                "net.yaml", "--quiet", "--run", "stopped", "--threads", "1", "--set", Self.epochs,
                in: workspace.folder)
            #expect(last.code == 0, "\(last.errors)")
            try Self.expectSameResult(workspace, "straight", "stopped")
        }
    }

    @Test func killedRunsGoOnFromTheLastCheckpoint() throws {
        try Workspace.with { workspace in
            try Self.finishStraight(workspace)
            for index in 0..<4 {
                let process = try Self.startTraining(
                    workspace, threads: 1, run: "killed", log: "log")
                usleep(UInt32(10 + index * 23) * 1000)
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            let last = try Netrun.run(
                "net.yaml", "--quiet", "--threads", "1", "--run", "killed", "--set", Self.epochs,
                in: workspace.folder)
            #expect(last.code == 0 && last.errors.isEmpty, "\(last.errors)")
            try Self.expectSameResult(workspace, "straight", "killed")
        }
    }

    @Test func runsKeepToTheKernelsThatTheyBeganWith() throws {
        try Workspace.with { workspace in
            func train(_ arguments: String...) throws -> Netrun.Result {
                let process = try Netrun.start(
                    ["net.yaml", "--quiet", "--run", "kept"] + arguments, in: workspace.folder)
                return try Netrun.finish(process, in: workspace.folder)
            }
            let begun = try train("--kernels", "portable", "--set", "training.maximum_steps=2")
            #expect(begun.code == 0, "\(begun.errors)")
            // Where portable kernels are the best, there is nothing to refuse.
            if !Kernels.best.name.hasPrefix("portable") {
                let refused = try train("--set", "training.maximum_steps=4")
                #expect(refused.code == 65)
                #expect(refused.errors.contains("--kernels portable"), "\(refused.errors)")
            }
            let goneOn = try train("--kernels", "portable", "--set", "training.maximum_steps=4")
            #expect(goneOn.code == 0, "\(goneOn.errors)")
            let unknown = try train("--kernels", "vax")
            #expect(unknown.code == 64 && unknown.errors.contains("it has"), "\(unknown.errors)")
        }
    }

    @Test func secondRunOnAFolderIsRefused() throws {
        try Workspace.with { workspace in
            let first = try Self.startTraining(workspace, threads: 1, run: "shared", log: "first")
            kill(first.processIdentifier, SIGSTOP)
            let second = try Netrun.run(
                "net.yaml", "--run", "shared", "--set", Self.epochs, in: workspace.folder)
            kill(first.processIdentifier, SIGCONT)
            kill(first.processIdentifier, SIGINT)
            let result = try Netrun.finish(first, in: workspace.folder, log: "first")
            #expect(second.code == 73, "\(second.errors)")
            #expect(second.errors.contains("process \(first.processIdentifier)"))
            #expect(result.code == 130)
        }
    }
}
