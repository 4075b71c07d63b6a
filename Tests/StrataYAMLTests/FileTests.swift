import Foundation
import StrataSchema
import StrataYAML
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct FileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func missingFileSuggestsTheNearest() throws {
        try folder.write("charlstm.yaml", "a: 1")
        let found = mistakes(loading: folder.path + "/charlsmt.yaml")
        #expect(found.map(\.code) == [.file])
        #expect(found.first?.message == "there is no file '\(folder.path)/charlsmt.yaml'")
        #expect(found.first?.hint == "did you mean '\(folder.path)/charlstm.yaml'?")
    }

    @Test func folderDeviceAndPipeAreRefusedAtOnce() throws {
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let expected = [(folder.path, "a folder"), (pipe, "a pipe"), ("/dev/zero", "a device")]
        for (path, kind) in expected {
            let found = mistakes(loading: path)
            #expect(found.map(\.code) == [.file])
            #expect(found.first?.message == "'\(path)' is \(kind), not a file")
        }
    }

    @Test func folderWithOneFileSuggestsIt() throws {
        let path = try folder.write("spec.yaml", "a: 1")
        for name in [folder.path, folder.path + "/"] {
            #expect(mistakes(loading: name).first?.hint == "did you mean '\(path)'?")
        }
        try folder.write("other.yaml", "a: 1")
        #expect(mistakes(loading: folder.path).first?.hint == nil)
    }

    @Test func brokenAndCircularLinksAreNamed() throws {
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: folder.path + "/broken", withDestinationPath: "nowhere.yaml")
        try manager.createSymbolicLink(
            atPath: folder.path + "/loop", withDestinationPath: "loop")
        let broken = mistakes(loading: folder.path + "/broken").first
        #expect(broken?.message.hasSuffix("is a link to a file that does not exist") == true)
        let loop = mistakes(loading: folder.path + "/loop").first
        #expect(loop?.message.hasSuffix("is a link that leads in a circle") == true)
    }

    @Test func linkToAFileIsRead() throws {
        try folder.write("a.yaml", "a: 1")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link.yaml", withDestinationPath: "a.yaml")
        #expect(try YAML.load(path: folder.path + "/link.yaml").root.flat == "{a: 1}")
    }

    @Test(.disabled(if: geteuid() == 0, "the superuser may read everything"))
    func unreadableFileIsNamed() throws {
        let path = try folder.write("secret.yaml", "a: 1")
        #expect(chmod(path, 0) == 0)
        #expect(mistakes(loading: path).first?.message == "'\(path)' may not be read")
    }

    @Test func largeFileIsRefusedWithItsSize() throws {
        let path = try folder.write("big.yaml", String(repeating: "#", count: 1_100_000))
        let found = try #require(mistakes(loading: path).first)
        #expect(found.code == .limit)
        #expect(found.message.contains("too large for a configuration (1100000 bytes)"))
    }

    @Test(arguments: ["with space.yaml", "new\nline.yaml", "😀é.yaml"])
    func unusualNamesAreRead(name: String) throws {
        let path = try folder.write(name, "a: }")
        let found = try #require(mistakes(loading: path).first)
        #expect(found.location?.file == path)
        #expect(!"\(found)".contains("\n"))
    }

    @Test(arguments: ["", "a\0b.yaml", String(repeating: "x", count: 10_000)])
    func impossibleNamesAreRefused(name: String) {
        #expect(mistakes(loading: name).map(\.code) == [.file])
    }

    @Test func failingDeviceIsToldFromAWrongPath() throws {
        // Nothing is mapped at address 0, where this file begins.
        let memory = "/proc/self/mem"
        guard FileManager.default.isReadableFile(atPath: memory) else { return }
        #expect(mistakes(loading: memory).map(\.code) == [.device])
    }

    @Test func descriptorIsReadToItsEndOrLimit() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("a: 1\n".utf8))
        try pipe.fileHandleForWriting.close()
        let bytes = try FileReader.read(
            descriptor: pipe.fileHandleForReading.fileDescriptor, name: "standard input",
            limits: .standard, at: nil)
        #expect(bytes == Array("a: 1\n".utf8))

        let zeros = try #require(FileHandle(forReadingAtPath: "/dev/zero"))
        let error = #expect(throws: Diagnostic.self) {
            try FileReader.read(
                descriptor: zeros.fileDescriptor, name: "standard input", limits: .standard,
                at: nil)
        }
        #expect(error?.message.hasPrefix("standard input is too large") == true)
    }

    @Test(arguments: ["5", "- a\n- b", "a:1"])
    func topMustBeAMapping(text: String) throws {
        let path = try folder.write("a.yaml", text)
        let found = try #require(mistakes(loading: path).first)
        #expect(found.code == .typeMismatch)
        #expect(found.message.hasPrefix("expected settings ('key: value'), not "))
    }
}
