import StrataSchema
import StrataYAML
import Testing

@Suite struct BytesTests {
    static let expected = "{a: é, b: {c: 😀}}"
    static let text = "a: é\nb:\n  c: 😀\n"

    static let encodings: [[UInt8]] = [
        Array(text.utf8),
        Array(text.dropLast().utf8),
        [0xEF, 0xBB, 0xBF] + Array(text.utf8),
        Array(text.replacing("\n", with: "\r\n").utf8),
        Array(text.replacing("\n", with: "\r").utf8),
        [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
        [0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] },
    ]

    @Test(arguments: encodings)
    func everyEncodingAndLineBreakReadsAlike(bytes: [UInt8]) throws {
        let root = try YAML.parse(bytes: bytes, file: "f").root
        #expect(root.flat == Self.expected)
        #expect(root.at("b.c")?.location?.place == [3, 6, 1])
        #expect(root.entries?[0].keyLocation?.place == [1, 1, 1])
    }

    @Test(
        arguments: [
            ([0xFF], 5), ([0x80], 5), ([0xC0, 0xAF], 5), ([0xED, 0xA0, 0x80], 5),
            ([0xE2, 0x28, 0xA1], 5), ([0xE2, 0x82], 5), ([0xF5, 0x80, 0x80, 0x80], 5),
            (Array("ü".utf8) + [0xFF], 6),
        ] as [([UInt8], Int)])
    func invalidUTF8IsLocated(bytes: [UInt8], column: Int) throws {
        let found = mistakes(in: Array("a: é\nbü: ".utf8) + bytes)
        let diagnostic = try #require(found.first)
        #expect(found.count == 1)
        #expect(diagnostic.code == .syntax)
        #expect(diagnostic.message.contains("UTF-8"))
        #expect(diagnostic.location?.place == [2, column, 1])
    }

    @Test func controlCharactersAreNamedAndLocated() throws {
        let null = try #require(mistakes(in: "a: 1\nb: x\u{0}y").first)
        #expect(null.message == "the control character U+0000 is not allowed")
        #expect(null.location?.place == [2, 5, 1])
        let escape = try #require(mistakes(in: "a: \u{1B}[2J").first)
        #expect(escape.message.contains("U+001B"))
        #expect(try YAML.parse(#"a: "x\u0000y""#, file: "f").root["a"]?.text == "x\0y")
    }

    @Test(arguments: ["", " \n\n", "\u{FEFF}"])
    func emptyFileHasItsOwnMessage(text: String) {
        #expect(mistakes(in: text).map(\.message) == ["the file is empty"])
    }

    @Test func commentsAloneHaveTheirOwnMessage() {
        let found = mistakes(in: "# one\n\n  # two")
        #expect(found.map(\.message) == ["there are only comments in this file"])
    }

    @Test(arguments: ["---\n", "~", "null\n", "--- # nothing\n...\n"])
    func documentWithoutSettingsIsAnError(text: String) {
        #expect(mistakes(in: text).map(\.message) == ["there are no settings in this file"])
    }

    @Test func longTextsKeysAndFilesAreRefused() throws {
        let long = String(repeating: "x", count: 70_000)
        #expect(mistakes(in: "a: " + long).map(\.code) == [.limit])
        let key = try #require(mistakes(in: long.prefix(1030) + ": 1").first)
        #expect(key.message == "a key may have at most 1024 characters")
        let file = try #require(mistakes(in: String(repeating: "a", count: 1 << 20) + "a").first)
        #expect(file.code == .limit)
        #expect(file.message.contains("1048576"))
    }

    @Test func brokenUTF16IsLocated() throws {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x61, 0, 0x3A, 0, 0x20, 0, 0x00, 0xD8, 0x61, 0]
        #expect(mistakes(in: bytes).first?.location?.place == [1, 4, 1])
        #expect(mistakes(in: [0xFF, 0xFE, 0x61]).count == 1)
    }
}
