import Foundation
import Testing

/// A system that has no descriptor left is no wrong path: 74, not 66.
struct DescriptorTests {
    private static let tool = "/usr/bin/prlimit"

    /// Checks a configuration that the program gets on its standard input, and lets it open nothing
    /// more from then on.
    private static func check(_ config: String, in folder: String) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try #require(Netrun.path, "netrun is not built"))
        process.arguments = ["check", "-"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let (input, errors) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        // More than a pipe holds: once it is written, the program is loaded and reads.
        let padding = String(repeating: "# nothing\n", count: 20_000)
        input.fileHandleForWriting.write(Data(padding.utf8))
        let limit = try Process.run(
            URL(fileURLWithPath: tool),
            arguments: ["--pid", "\(process.processIdentifier)", "--nofile=3:3"])
        limit.waitUntilExit()
        #expect(limit.terminationStatus == 0)
        input.fileHandleForWriting.write(Data(config.utf8))
        try input.fileHandleForWriting.close()
        let text = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: tool), "prlimit is not installed"),
        arguments: [
            Workspace.config(), Workspace.config(path: "'*.txt'"), "extends: net.yaml\n",
        ])
    func noDescriptorLeftIsNoWrongPath(config: String) throws {
        try Workspace.with { workspace in
            let (code, errors) = try Self.check(config, in: workspace.folder)
            #expect(code == 74, "\(errors)")
            #expect(errors.contains("Too many open files"), "\(errors)")
        }
    }
}
