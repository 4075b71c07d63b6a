import Foundation
import StrataData
import Testing

@Suite struct TextLoadingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ data: TextData) throws -> TokenDataset {
        try data.load(relativeTo: folder.path)
    }

    @Test func charactersAreScalarsSortedByValue() throws {
        try folder.write("a.txt", "b\u{E9}e\u{301}\r\n😀b")
        let set = try load(tiny("a.txt"))
        let scalars = set.vocabulary.tokens.map { $0.unicodeScalars.map(\.value) }
        #expect(scalars == [[10], [13], [98], [101], [0xE9], [0x301], [0x1F600]])
        #expect(try set.train.array() == [2, 4, 3, 5, 1, 0, 6, 2])
        #expect(set.vocabulary.unknown == nil)
        #expect(set.sources == ["a.txt"])
    }

    @Test func filesAreJoinedWithANewlineOnlyWhereOneIsMissing() throws {
        try folder.write("a.txt", "a")
        try folder.write("b.txt", "b\n")
        try folder.write("c.txt", "")
        try folder.write("d.txt", "d")
        let set = try load(tiny("*.txt"))
        #expect(try set.vocabulary.text(of: set.train.array()) == "a\nb\nd")
        #expect(set.sources == ["a.txt", "b.txt", "c.txt", "d.txt"])
        let bytes = try load(tiny("*.txt", tokens: .bytes))
        #expect(try bytes.train.array() == Array("a\nb\nd".utf8).map { Int32($0) })
    }

    @Test func theTextIsCutInOrder() throws {
        try folder.write("a.txt", (0..<200).map { String($0 % 10) }.joined())
        var data = tiny("a.txt")
        data.split = SplitSpec(train: 0.6, validation: 0.3, test: 0.1)
        let set = try load(data)
        #expect(set.train.count == 120 && set.validation.count == 60 && set.test.count == 20)
        let parts = try set.train.array() + set.validation.array() + set.test.array()
        #expect(parts == (0..<200).map { $0 % 10 })
        data.split = SplitSpec(train: 0.9, validation: 0.1, test: 0)
        #expect(try load(data).test.isEmpty)
        data.split = SplitSpec(train: 0.7, validation: 0, test: 0.3)
        let halves = try load(data)
        #expect(halves.validation.isEmpty && halves.train.count + halves.test.count == 200)
    }

    @Test func bytesTakeAnyFile() throws {
        try folder.write("a.bin", [0, 0xFF, 0xEF, 0xBB, 0xBF, 0x80])
        let set = try load(tiny("a.bin", tokens: .bytes))
        #expect(try set.train.array() == [0, 0xFF, 0xEF, 0xBB, 0xBF, 0x80])
        #expect(set.vocabulary == .bytes && set.vocabulary.count == 256)
    }

    @Test func aByteOrderMarkIsDropped() throws {
        try folder.write("a.txt", "\u{FEFF}ab")
        try folder.write("b.txt", "\u{FEFF}cd")
        let set = try load(tiny("*.txt"))
        #expect(try set.vocabulary.text(of: set.train.array()) == "ab\ncd")
    }

    @Test(
        arguments: [
            ([0x61, 0x0A, 0xFF], 2), ([0x61, 0xC3], 1), ([0xC0, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
            ([0x61, 0xE2, 0x82], 1), ([0xF4, 0x90, 0x80, 0x80], 0), ([0x62, 0xC3, 0xA9, 0x80], 3),
            ([0xE0, 0x80, 0x80], 0), ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0),
        ] as [([UInt8], Int)])
    func invalidUTF8NamesFileAndOffset(bytes: [UInt8], offset: Int) throws {
        try folder.write("a.txt", "fine\n")
        try folder.write("b.txt", bytes)
        let error = try #require(loadError(tiny("*.txt"), in: folder))
        #expect(error.kind == .invalid)
        #expect(error.path == folder.path + "/b.txt")
        #expect(error.message.hasPrefix("not valid UTF-8 at byte offset \(offset) "))
        #expect(error.hint?.contains("tokens: bytes") == true)
        #expect(loadError(tiny("*.txt", tokens: .bytes), in: folder) == nil)
    }

    @Test func aCharacterCannotSpanTwoFiles() throws {
        try folder.write("a.txt", [0x61, 0xC3])
        try folder.write("b.txt", [0xA9, 0x62])
        #expect(loadError(tiny("*.txt"), in: folder)?.path == folder.path + "/a.txt")
    }

    @Test(.enabled(if: geteuid() != 0, "the administrator may read everything"))
    func forbiddenFilesAndFoldersAreNamed() throws {
        try folder.write("a.txt", "abc")
        try folder.write("d/b.txt", "abc")
        #expect(chmod(folder.path + "/a.txt", 0) == 0 && chmod(folder.path + "/d", 0) == 0)
        defer { _ = chmod(folder.path + "/d", 0o700) }
        #expect(loadError(tiny("a.txt"), in: folder)?.kind == .unreadable)
        #expect(loadError(tiny("**/b.txt"), in: folder)?.path == folder.path + "/d/")
    }

    @Test func aBinaryFileIsRefusedAsText() throws {
        try folder.write("a.bin", Array("ELF\n".utf8) + [0, 1, 2])
        for kind in [TokenKind.characters, .words] {
            let error = try #require(loadError(tiny("a.bin", tokens: kind), in: folder))
            #expect(error.kind == .invalid)
            #expect(error.message.contains("NUL byte at byte offset 4 (line 2)"))
            #expect(error.hint?.contains("tokens: bytes") == true)
        }
        try folder.write("b.txt", [0xFF, 0xFE, 0x61, 0])
        #expect(loadError(tiny("b.txt"), in: folder)?.message.contains("UTF-16") == true)
    }

    @Test func emptyTextsAreRefused() throws {
        try folder.write("a.txt", "")
        try folder.write("b.txt", "\u{FEFF}")
        try folder.write("c.txt", " \t\r ")
        #expect(loadError(tiny("a.txt"), in: folder)?.kind == .tooShort)
        #expect(loadError(tiny("[ab].txt", "a.txt"), in: folder)?.kind == .missing)
        #expect(loadError(tiny("a.txt", "b.txt"), in: folder)?.kind == .tooShort)
        #expect(loadError(tiny("c.txt", tokens: .words), in: folder)?.kind == .tooShort)
    }

    @Test func tooShortATextSaysHowMuchAndWhatToLower() throws {
        try folder.write("a.txt", String(repeating: "ab", count: 50))
        var data = TextData(path: ["a.txt"], sequenceLength: 20, batchSize: 5)
        let error = try #require(loadError(data, in: folder))
        #expect(error.kind == .tooShort)
        #expect(error.message.contains("90 of its 100 tokens"))
        #expect(error.message.contains("batch_size 5 with sequence_length 20 needs 105"))
        #expect(error.hint?.contains("'batch_size: 4' fits") == true)
        data.batchSize = 4
        #expect(loadError(data, in: folder) == nil)
        data.sequenceLength = 100
        #expect(loadError(data, in: folder)?.hint?.contains("'sequence_length: 21' fits") == true)
        data.batchSize = 1000
        #expect(loadError(data, in: folder)?.hint?.contains("lower 'batch_size' and") == true)
        data.batchSize = 16_777_216
        data.sequenceLength = 16_777_216
        #expect(loadError(data, in: folder)?.kind == .tooShort)
    }

    @Test func rareCharactersBecomeUnknown() throws {
        try folder.write("a.txt", "aaabbbcczd")
        let set = try load(tiny("a.txt", vocabularySize: 4))
        #expect(set.vocabulary.tokens == ["a", "b", "c", "<unk>"])
        #expect(set.vocabulary.unknown == 3)
        #expect(try set.train.array() == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
        // Among equally frequent characters the lower scalar value stays.
        let five = try load(tiny("a.txt", vocabularySize: 5))
        #expect(five.vocabulary.tokens == ["a", "b", "c", "d", "<unk>"])
        let all = try load(tiny("a.txt", vocabularySize: 100))
        #expect(all.vocabulary.tokens == ["a", "b", "c", "d", "z", "<unk>"])
    }

    @Test func wordsAreSortedByFrequencyThenText() throws {
        try folder.write("a.txt", "the  cat\tsaw\u{A0}the\u{3000}Cat\r\n\nsaw the dog.")
        let set = try load(tiny("a.txt", tokens: .words))
        #expect(set.vocabulary.tokens == ["the", "\n", "saw", "Cat", "cat", "dog."])
        #expect(try set.train.array() == [0, 4, 2, 0, 3, 1, 1, 2, 0, 5])
        #expect(
            try set.vocabulary.text(of: set.train.array()) == "the cat saw the Cat\n\nsaw the dog.")
    }

    @Test func rareWordsBecomeUnknown() throws {
        try folder.write("a.txt", "b a a b b c d a a")
        let set = try load(tiny("a.txt", tokens: .words, vocabularySize: 3))
        #expect(set.vocabulary.tokens == ["a", "b", "<unk>"])
        #expect(try set.train.array() == [1, 0, 0, 1, 1, 2, 2, 0, 0])
    }

    @Test func anUnknownTokenWrittenInTheTextIsTheSameOne() throws {
        try folder.write("a.txt", "a <unk> a b <unk> <unk> <unk>")
        let limited = try load(tiny("a.txt", tokens: .words, vocabularySize: 2)).vocabulary
        #expect(limited.tokens == ["a", "<unk>"])
        #expect(try limited.encode("<unk> b a") == [1, 1, 0])
        let all = try load(tiny("a.txt", tokens: .words)).vocabulary
        #expect(all.tokens == ["<unk>", "a", "b"])
        #expect(all.unknown == 0)
    }

    @Test func wordsThatAreOnlyCanonicallyEqualStayDistinct() throws {
        try folder.write("a.txt", "\u{E9} e\u{301} \u{E9}")
        let set = try load(tiny("a.txt", tokens: .words))
        #expect(set.vocabulary.count == 2)
        #expect(try set.train.array() == [0, 1, 0])
    }

    @Test func filesOfProcWithSizeZeroAreRead() throws {
        guard FileManager.default.fileExists(atPath: "/proc/self/status") else { return }
        #expect(loadError(tiny("/proc/self/status"), in: folder) == nil)
    }

    @Test func filesThatHideTheirSizeAreReadNoFurtherThanMemoryGoes() throws {
        guard FileManager.default.fileExists(atPath: "/proc/self/status") else { return }
        if FileManager.default.isReadableFile(atPath: "/proc/self/pagemap") {
            let endless = loadError(tiny("/proc/self/pagemap", tokens: .bytes), in: folder)
            #expect(endless?.kind == .tooLarge)
            #expect(endless?.path == "/proc/self/pagemap")
        }
        try folder.write("a.txt", [UInt8](repeating: 65, count: 1000))
        let text = tiny("a.txt", "/proc/self/status", tokens: .bytes)
        // What is kept of other files leaves less room.
        let status = try Data(contentsOf: URL(filePath: "/proc/self/status")).count
        let limits = ReadLimits(bytesInMemory: status + 500)
        #expect(loadError(text, in: folder, limits: limits)?.kind == .tooLarge)
        #expect(loadError(text, in: folder, limits: ReadLimits(bytesInMemory: 50_000)) == nil)
    }
}
