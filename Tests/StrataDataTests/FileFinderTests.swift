import Foundation
import StrataData
import Testing

@Suite struct FileFinderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func sources(_ paths: String...) throws -> [String] {
        var data = tiny("")
        data.path = paths
        return try data.load(relativeTo: folder.path).sources
    }

    private func write(_ names: String...) throws {
        for name in names { try folder.write(name, "text of \(name)\n") }
    }

    @Test func matchesAreSortedByBytesAndListsKeepTheirOrder() throws {
        try write("b.txt", "a.txt", "B.txt", "a-b/x.txt", "a/x.txt", "é.txt", "z.md")
        #expect(try sources("*.txt") == ["B.txt", "a.txt", "b.txt", "é.txt"])
        #expect(try sources("**/x.txt") == ["a-b/x.txt", "a/x.txt"])
        #expect(try sources("z.md", "b.txt", "a.txt") == ["z.md", "b.txt", "a.txt"])
    }

    @Test func doubleStarMatchesAnyDepthAlsoNone() throws {
        try write("s/a.swift", "s/x/b.swift", "s/x/y/c.swift", "s/x/y/d.txt", "t/e.swift")
        #expect(try sources("s/**/*.swift") == ["s/a.swift", "s/x/b.swift", "s/x/y/c.swift"])
        #expect(try sources("s/**/y/**/*.swift") == ["s/x/y/c.swift"])
        #expect(try sources("**/x/**") == ["s/x/b.swift", "s/x/y/c.swift", "s/x/y/d.txt"])
        #expect(try sources("**/**/e.swift") == ["t/e.swift"])
        #expect(try sources("*/x/*.swift") == ["s/x/b.swift"])
        #expect(try sources("./s/./*.swift") == ["./s/./a.swift"])
    }

    @Test func questionMarkMatchesOneCharacterOfAnyLength() throws {
        try write("a1.txt", "aé.txt", "a😀.txt", "a12.txt", "a.txt")
        #expect(try sources("a?.txt") == ["a1.txt", "aé.txt", "a😀.txt"])
        #expect(try sources("a*1*.txt") == ["a1.txt", "a12.txt"])
        #expect(try sources("a??.t*t") == ["a12.txt"])
    }

    @Test func hiddenFilesMatchOnlyAWrittenDot() throws {
        try write("a.txt", ".b.txt", ".c/d.txt", "e/.f/g.txt", "e/h.txt")
        #expect(try sources("**/*.txt") == ["a.txt", "e/h.txt"])
        #expect(loadError(tiny("?b.txt"), in: folder)?.kind == .missing)
        #expect(try sources("a.txt", ".*.txt") == ["a.txt", ".b.txt"])
        #expect(try sources("*/.f/*") == ["e/.f/g.txt"])
    }

    @Test func foldersAreNeverMatched() throws {
        try write("a.txt", "b.txt/c.md")
        #expect(try sources("*.txt") == ["a.txt"])
        let error = loadError(tiny("b*"), in: folder)
        #expect(error?.kind == .missing)
        #expect(error?.hint?.contains("b.txt/**") == true)
    }

    @Test func linkLoopsAndBrokenLinksArePassedOver() throws {
        try write("d/a.txt")
        try folder.link("d/up", to: "..")
        try folder.link("d/self.txt", to: "self.txt")
        try folder.link("d/broken.txt", to: "nowhere.txt")
        try folder.link("linked", to: "d")
        #expect(try sources("**/*.txt") == ["d/a.txt"])
        #expect(try sources("linked/*.txt") == ["linked/a.txt"])
        #expect(try sources("link*/*.txt") == ["linked/a.txt"])
        #expect(loadError(tiny("d/broken.txt"), in: folder)?.kind == .missing)
        #expect(loadError(tiny("d/self.txt"), in: folder)?.kind == .unreadable)
    }

    @Test func aFileNamedTwiceIsTakenOnce() throws {
        try write("a.txt", "b.txt")
        try folder.link("c.txt", to: "a.txt")
        #expect(try sources("b.txt", "*.txt", "./b.txt") == ["b.txt", "a.txt"])
    }

    @Test func aPathThatExistsIsNoPattern() throws {
        try write("what?.txt", "whatx.txt", "*.md", "x.md")
        #expect(try sources("what?.txt") == ["what?.txt"])
        #expect(try sources("*.md") == ["*.md"])
    }

    @Test func namesWithSpacesNewlinesAndEmojiWork() throws {
        try write("a b.txt", "a\nb.txt", "😀/ü.txt")
        #expect(try sources("a b.txt", "a*b.txt") == ["a b.txt", "a\nb.txt"])
        #expect(try sources("😀/*.txt") == ["😀/ü.txt"])
    }

    @Test func absolutePathsIgnoreTheFolder() throws {
        try write("a.txt", "b.txt")
        let path = folder.path
        let data = tiny(path + "/*.txt")
        #expect(
            try data.load(relativeTo: "/nowhere").sources == [path + "/a.txt", path + "/b.txt"])
    }

    @Test func parentFoldersWorkBeforeTheWildcardOnly() throws {
        try write("Configs/a.yaml", "texts/a.txt")
        let found = try tiny("../texts/*.txt").load(relativeTo: folder.path + "/Configs").sources
        #expect(found == ["../texts/a.txt"])
        #expect(loadError(tiny("*/../texts/a.txt"), in: folder)?.kind == .invalid)
    }

    @Test func nothingMatchedSaysWhatWasTriedAndWhere() throws {
        try write("texts/a.md")
        let error = try #require(loadError(tiny("texts/**/*.txt"), in: folder))
        #expect(error.kind == .missing)
        #expect(error.path == "texts/**/*.txt")
        #expect(error.message.contains("'\(folder.path)/texts'"))
        #expect(error.hint?.contains("'\(folder.path)', the folder of the configuration") == true)
        let wrong = try #require(loadError(tiny("text/*.md"), in: folder))
        #expect(wrong.message == "no file matches: there is no folder '\(folder.path)/text'")
        #expect(
            loadError(tiny("texts/a.md/*"), in: folder)?.message.contains("not a folder") == true)
    }

    @Test func aMissingFileSuggestsNearest() throws {
        try write("corpus.txt")
        let error = try #require(loadError(tiny("corpus.text"), in: folder))
        #expect(error.kind == .missing)
        #expect(error.path == folder.path + "/corpus.text")
        #expect(error.hint == "did you mean 'corpus.txt'?")
        let other = try #require(loadError(tiny("shakespeare"), in: folder))
        #expect(other.hint?.contains(folder.path) == true)
        #expect(loadError(tiny("~/corpus"), in: folder)?.hint?.contains("'~'") == true)
    }

    @Test func aFolderIsRefusedWithTheRemedy() throws {
        try write("texts/a.txt")
        for name in ["texts", "texts/", "text*/"] {
            let error = try #require(loadError(tiny(name), in: folder))
            #expect(error.kind == .unreadable)
            #expect(error.hint?.contains("/**'") == true)
        }
    }

    @Test(.timeLimit(.minutes(1))) func pipesAndDevicesAreRefusedWithoutWaiting() throws {
        try write("a.txt")
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        #expect(mkfifo(folder.path + "/b.txt", 0o600) == 0)
        #expect(loadError(tiny("pipe"), in: folder)?.kind == .unreadable)
        for device in ["/dev/zero", "/dev/null"] {
            #expect(loadError(tiny(device), in: folder)?.kind == .unreadable)
        }
        #expect(try sources("*.txt") == ["a.txt"])
        #expect(loadError(tiny("pip?"), in: folder)?.kind == .missing)
    }

    @Test func tooManyFilesAreRefused() throws {
        for index in 0..<12 { try write("f\(index).txt") }
        let error = loadError(tiny("*.txt"), in: folder, limits: ReadLimits(files: 11))
        #expect(error?.kind == .tooLarge)
        #expect(error?.message.contains("11 files") == true)
        #expect(loadError(tiny("*.txt"), in: folder, limits: ReadLimits(files: 12)) == nil)
        #expect(
            loadError(tiny("*1.txt"), in: folder, limits: ReadLimits(entries: 11))?.kind
                == .tooLarge)
    }

    @Test func tooLargeATextIsRefusedBeforeItIsRead() throws {
        try folder.write("a.txt", String(repeating: "a", count: 60))
        try folder.write("b.txt", String(repeating: "b", count: 40))
        let error = loadError(tiny("*.txt"), in: folder, limits: ReadLimits(bytes: 99))
        #expect(error?.kind == .tooLarge)
        #expect(error?.path == folder.path + "/b.txt")
        #expect(loadError(tiny("*.txt"), in: folder, limits: ReadLimits(bytes: 101)) == nil)
        // A sparse file claims far more than any machine could hold.
        try folder.write("huge.txt", "x")
        #expect(truncate(folder.path + "/huge.txt", (1 << 40) + 1) == 0)
        #expect(loadError(tiny("huge.txt"), in: folder)?.message.contains("1024 GiB") == true)
    }

    @Test(.timeLimit(.minutes(1))) func manyStarsMatchWithoutTryingEverything() throws {
        try write(String(repeating: "a", count: 200))
        let pattern = String(repeating: "a*", count: 60) + "b"
        #expect(loadError(tiny(pattern), in: folder)?.kind == .missing)
    }

    @Test func aLinkThatLeadsNowhereDoesNotSuggestItself() throws {
        try folder.link("dang.txt", to: "nowhere.txt")
        let error = try #require(loadError(tiny("dang.txt"), in: folder))
        #expect(error.message == "the link leads to no file")
        #expect(error.hint?.contains("dang.txt") != true)
    }

    @Test func aNameThatIsNotTextMattersOnlyWhereItMatches() throws {
        try write("a.txt", "d/b.txt")
        func make(_ name: [UInt8]) {
            let path = Array("\(folder.path)/d/".utf8) + name + [0]
            let file = fopen(path.map { CChar(bitPattern: $0) }, "w")
            #expect(file != nil)
            if let file { fclose(file) }
        }
        make([0xFF] + Array(".md".utf8))
        #expect(try sources("**/*.txt") == ["a.txt", "d/b.txt"])
        make([0xFE] + Array(".txt".utf8))
        #expect(try sources("*.txt") == ["a.txt"])
        let error = try #require(loadError(tiny("**/*.txt"), in: folder))
        #expect(error.kind == .unreadable && error.message == "the name is not UTF-8")
        #expect(error.path == folder.path + "/d/\u{FFFD}.txt")
    }

    @Test func repeatedDoubleStarsAreOne() throws {
        try write("a/b/c.txt")
        let many = String(repeating: "**/", count: 20_000)
        #expect(try sources(many + "c.txt") == ["a/b/c.txt"])
        #expect(try sources("a/" + many + "**") == ["a/b/c.txt"])
    }
}
