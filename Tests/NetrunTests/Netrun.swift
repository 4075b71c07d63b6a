import Foundation
import Testing

/// A run of the built program, as a shell would do it.
struct Netrun {
    /// What the program left behind.
    struct Result {
        var code: Int32
        var output: String
        var errors: String
        /// Whether a signal ended it instead of the program itself.
        var isKilled: Bool
    }

    /// The program stands in the folder of products, beside or above the tests' own bundle.
    static let path: String? = {
        let places = [CommandLine.arguments[0], Bundle.main.bundlePath] + CommandLine.arguments
        for place in places where place.hasPrefix("/") {
            var folder = URL(fileURLWithPath: place)
            for _ in 0..<6 {
                folder.deleteLastPathComponent()
                let candidate = folder.appendingPathComponent("netrun").path
                var isFolder: ObjCBool = false
                let exists = FileManager.default.fileExists(
                    atPath: candidate, isDirectory: &isFolder)
                if exists, !isFolder.boolValue { return candidate }
            }
        }
        return nil
    }()

    /// Starts the program; its outputs go to files, so that no pipe can fill.
    ///
    /// - Parameter output: a file or pipe for standard output instead.
    static func start(
        _ arguments: [String], in folder: String, input: String? = nil, log: String = "log",
        program: String? = path, output: Any? = nil
    ) throws -> Process {
        // What the tests' own parent ignores must not be handed on.
        for number in [SIGINT, SIGXFSZ] { signal(number, SIG_DFL) }
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try #require(program, "netrun is not built"))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let manager = FileManager.default
        for name in ["\(log).out", "\(log).err"] {
            _ = manager.createFile(atPath: "\(folder)/\(name)", contents: nil)
        }
        process.standardOutput = output ?? FileHandle(forWritingAtPath: "\(folder)/\(log).out")
        process.standardError = FileHandle(forWritingAtPath: "\(folder)/\(log).err")
        _ = manager.createFile(atPath: "\(folder)/\(log).in", contents: Data((input ?? "").utf8))
        process.standardInput = FileHandle(forReadingAtPath: "\(folder)/\(log).in")
        try process.run()
        return process
    }

    /// Waits for the program, at most two minutes.
    static func finish(_ process: Process, in folder: String, log: String = "log") throws -> Result
    {
        let end = Date(timeIntervalSinceNow: 120)
        while process.isRunning, Date() < end { usleep(2000) }
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            Issue.record("netrun does not end: \(process.arguments ?? [])")
        }
        process.waitUntilExit()
        return Result(
            code: process.terminationStatus, output: try text("\(folder)/\(log).out"),
            errors: try text("\(folder)/\(log).err"),
            isKilled: process.terminationReason == .uncaughtSignal)
    }

    static func run(_ arguments: String..., in folder: String, input: String? = nil) throws
        -> Result
    {
        let process = try start(arguments, in: folder, input: input)
        let result = try finish(process, in: folder)
        #expect(!result.isKilled, "\(arguments): signal \(result.code): \(result.errors)")
        #expect(!result.errors.contains("Fatal error"), "\(arguments): \(result.errors)")
        return result
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}

/// A folder with a text and a configuration that trains in a fraction of a second.
struct Workspace {
    let folder: String

    static func with(_ body: (Workspace) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/strata-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let workspace = Workspace(folder: folder)
        try workspace.write("text.txt", Self.text)
        try workspace.write("net.yaml", Self.config())
        try body(workspace)
    }

    /// Lines of words in an order that is neither random nor quite regular.
    static let text: String = {
        let words = ["the", "cat", "sat", "on", "a", "mat", "and", "ran", "far"]
        var text = ""
        for index in 0..<600 {
            text += words[(index * index + index / 7) % words.count]
            text += index % 11 == 10 ? "\n" : " "
        }
        return text
    }()

    static func config(
        units: String = "8", epochs: String = "3", rate: String = "1e-2", path: String = "text.txt",
        prompt: String = "the "
    ) -> String {
        """
        # A tiny network.
        spec: 1
        name: tiny
        seed: 7
        data:
          type: text
          path: \(path)
          sequence_length: 10
          batch_size: 4
          split: {train: 0.8, validation: 0.1, test: 0.1}
        network:
          layers:
            lstm1: {type: lstm, units: \(units)}
            drop: {type: dropout, rate: 0.2}
            lstm2: {type: graves_lstm, units: 8}
            next: {type: output, activation: softmax, loss: cross_entropy}
        training:
          epochs: \(epochs)
          truncate_bptt: 5
          optimizer: {type: adam, learning_rate: \(rate)}
          log_every: 10
          checkpoints: {every: 200, keep: 3}
        generate: {length: 30, prompt: "\(prompt)"}

        """
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    func path(_ name: String) -> String { folder + "/" + name }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The names of a run's checkpoints, oldest first.
    func checkpoints(_ run: String = "runs/tiny") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(run + "/checkpoints")).sorted()
            .map { run + "/checkpoints/" + $0 }
    }
}
