import Foundation
import StrataData
import Testing

/// Files that do not stay as they were while their text is in use.
@Suite struct ChangedTextTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path + "/a.txt" }

    private func load(_ kind: TokenKind = .characters) throws -> Tokens {
        try tiny("a.txt", tokens: kind)
            .load(relativeTo: folder.path, limits: ReadLimits(bytesInMemory: 0)).train
    }

    private func error(of tokens: Tokens) -> DataError? {
        do throws(DataError) { _ = try tokens.array() } catch { return error }
        return nil
    }

    /// Writes other bytes into the same file and gives it the old time.
    private func overwrite(_ bytes: [UInt8], at offset: UInt64) throws {
        var before = stat()
        #expect(stat(path, &before) == 0)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: bytes)
        try handle.close()
        #if canImport(Darwin)
            let times = [before.st_atimespec, before.st_mtimespec]
        #else
            let times = [before.st_atim, before.st_mtim]
        #endif
        #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    }

    @Test(arguments: TokenKind.allCases)
    func shortenedFilesAreRefused(kind: TokenKind) throws {
        try folder.write("a.txt", String(repeating: "some words é\n", count: 5000))
        let tokens = try load(kind)
        #expect(error(of: tokens) == nil)
        #expect(truncate(path, 100) == 0)
        #expect(error(of: tokens)?.kind == .changed)
        #expect(error(of: tokens)?.path == path)
    }

    @Test func otherFilesInTheirPlaceAreRefused() throws {
        try folder.write("a.txt", "abcabc")
        let tokens = try load()
        try FileManager.default.moveItem(atPath: path, toPath: folder.path + "/old.txt")
        #expect(error(of: tokens)?.kind == .missing)
        try folder.write("a.txt", "abcabc")
        #expect(error(of: tokens)?.kind == .changed)
        try FileManager.default.removeItem(atPath: path)
        try folder.makeFolder("a.txt")
        #expect(error(of: tokens)?.kind == .unreadable)
    }

    @Test func longerFilesAreRefused() throws {
        try folder.write("a.txt", "abcabc")
        let tokens = try load()
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("d".utf8))
        try handle.close()
        #expect(error(of: tokens)?.kind == .changed)
    }

    @Test func contentsThatOnlyTheTokensShowToBeOthersAreRefused() throws {
        let other: [(TokenKind, [UInt8])] = [
            (.characters, Array("z".utf8)), (.characters, [0xFF]), (.characters, [0x80, 0x80]),
            (.characters, [0xF4, 0x90, 0x80, 0x80]), (.characters, Array("é".utf8)),
            (.words, Array(" new ".utf8)), (.words, [UInt8](repeating: 0x20, count: 40)),
        ]
        for (kind, bytes) in other {
            try folder.write("a.txt", String(repeating: "ab cab é\n", count: 4000))
            let tokens = try load(kind)
            try overwrite(bytes, at: 20_001)
            // Only what is read can be judged.
            #expect(throws: Never.self) { try tokens.array(0..<1000) }
            #expect(error(of: tokens)?.kind == .changed, "\(kind) \(bytes)")
        }
    }

    @Test func aShortTextNeedsItsFilesNoMore() throws {
        try folder.write("a.txt", "abcabc")
        let tokens = try tiny("a.txt").load(relativeTo: folder.path).train
        try FileManager.default.removeItem(atPath: path)
        #expect(try tokens.array() == [0, 1, 2, 0, 1, 2])
    }

    @Test func windowsReportTheChangeAndStayUsable() throws {
        try folder.write("a.txt", String(repeating: "abcdefg\n", count: 4000))
        let batcher = StreamBatcher(tokens: try load(), batch: 2, steps: 10)
        var inputs = [Int32](repeating: 0, count: 20)
        var targets = inputs
        func fill(_ chunk: Int) throws {
            _ = try inputs.withUnsafeMutableBufferPointer { inputs in
                try targets.withUnsafeMutableBufferPointer { targets in
                    try batcher.fill(chunk: chunk, inputs: inputs, targets: targets)
                }
            }
        }
        try fill(0)
        let first = inputs
        try FileManager.default.moveItem(atPath: path, toPath: folder.path + "/away.txt")
        #expect(throws: DataError.self) { try fill(1000) }
        #expect(throws: DataError.self) { try fill(1001) }
        try FileManager.default.moveItem(atPath: folder.path + "/away.txt", toPath: path)
        try fill(1001)
        try fill(0)
        #expect(inputs == first)
    }
}
