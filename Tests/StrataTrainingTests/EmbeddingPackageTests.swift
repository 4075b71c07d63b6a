import Foundation
import Testing

/// The program of `Docs/Embedding.md`, built and run as a package of its own.
@Suite struct EmbeddingPackageTests {
    @Test func theProgramOfTheDocumentBuildsAndRuns() throws {
        guard let swift = Self.swiftCommand() else {
            print("skipped: there is no 'swift' on the PATH")
            return
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appendingPathComponent("Docs/Embedding.md"), encoding: .utf8)
        let snippets = Self.blocks(of: "swift", in: text)
        let manifest = try #require(snippets.first)
        let expected = try #require(Self.blocks(of: "text", in: text).last)
        try #require(manifest.contains("\"../Strata\""))

        let folder = try EmbeddingFolder()
        let package = URL(fileURLWithPath: folder.path).appendingPathComponent("Learner")
        let sources = package.appendingPathComponent("Sources/Learner")
        try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
        let path = root.path.replacingOccurrences(of: "\\", with: "\\\\")
            .replacingOccurrences(of: "\"", with: "\\\"")
        try manifest.replacingOccurrences(of: "\"../Strata\"", with: "\"\(path)\"")
            .write(
                to: package.appendingPathComponent("Package.swift"), atomically: true,
                encoding: .utf8)
        try snippets.dropFirst().joined(separator: "\n")
            .write(
                to: sources.appendingPathComponent("main.swift"), atomically: true,
                encoding: .utf8)

        let run = try Self.run(
            swift,
            [
                "run", "-c", "release", "--package-path", package.path, "--scratch-path",
                folder.path + "/build", "Learner",
            ], in: folder)
        #expect(run.status == 0, "\(run.errors.suffix(4000))")
        #expect(run.output == expected)
    }

    /// The contents of a document's fenced blocks of a language, each with its final newline.
    private static func blocks(of language: String, in text: String) -> [String] {
        var blocks: [String] = []
        var block: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = block {
                if line == "```" {
                    blocks.append(open)
                    block = nil
                } else {
                    block = open + line + "\n"
                }
            } else if line == "```" + language {
                block = ""
            }
        }
        return blocks
    }

    private static func swiftCommand() -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return folders.split(separator: ":").map { $0 + "/swift" }
            .first { FileManager.default.isExecutableFile(atPath: String($0)) }.map(String.init)
    }

    /// Runs a program to its end, its output going to files so that no pipe can fill up.
    private static func run(
        _ command: String, _ arguments: [String], in folder: EmbeddingFolder
    ) throws -> (status: Int32, output: String, errors: String) {
        let files = ["/output", "/errors"].map { URL(fileURLWithPath: folder.path + $0) }
        for file in files { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { try String(contentsOf: $0, encoding: .utf8) }
        return (process.terminationStatus, texts[0], texts[1])
    }
}
