import StrataSchema
import StrataYAML
import Testing

@Suite struct StructureTests {
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("[", "]"), ("{a: ", "}"), ("- ", ""), ("a: [", "]"), ("[\n", "]"), ("? ", ""),
            ("{", "}"),
        ])
    func deepNestingFailsAtOnce(open: String, close: String) throws {
        let found = mistakes(in: String(repeating: open, count: 100_000))
        #expect(found.count == 1)
        #expect([.limit, .syntax].contains(found.first?.code))
    }

    @Test func deepestAllowedNestingIsRead() throws {
        let brackets = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(mistakes(in: brackets).isEmpty)
        let tooDeep = try #require(mistakes(in: "[" + brackets + "]").first)
        #expect(tooDeep.message == "more than 64 lists and mappings within each other")
        #expect(tooDeep.location?.place == [1, 65, 1])
        let block = (0...64).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(mistakes(in: block).first?.location?.line == 65)
    }

    @Test func manyValuesAreRefused() {
        let list = "[" + String(repeating: "a,", count: 200_000) + "]"
        #expect(mistakes(in: list).map(\.code) == [.limit])
        var limits = YAMLLimits()
        limits.nodes = 3
        #expect(mistakes(in: "[1, 2]", limits: limits).isEmpty)
        #expect(mistakes(in: "[1, 2, 3]", limits: limits).map(\.code) == [.limit])
    }

    @Test func duplicateKeysAreAllReported() throws {
        let found = mistakes(in: "a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n")
        #expect(found.map(\.code) == [.duplicateKey, .duplicateKey, .duplicateKey])
        #expect(found.map { $0.location?.place } == [[2, 11, 1], [3, 1, 1], [4, 1, 1]])
        #expect(found.map { $0.notes.first?.location?.line } == [2, 1, 1])
        #expect(found.first?.message == "'c' is set twice")
    }

    @Test func keysThatNormaliseAlikeAreDuplicates() {
        #expect(mistakes(in: "\u{E9}: 1\ne\u{301}: 2\n").map(\.code) == [.duplicateKey])
    }

    @Test func undefinedAliasSuggestsTheNearest() throws {
        let found = mistakes(in: "a: &layer 1\nb: *laier\nc: *none\n")
        #expect(found.map(\.code) == [.unknownName, .unknownName])
        #expect(found[0].location?.place == [2, 4, 6])
        #expect(found[0].hint == "did you mean '*layer'?")
        #expect(found[1].hint == "text that begins with '*' needs quotes")
    }

    @Test(arguments: ["&a [*a]", "&a {b: *a}", "x: &a\n  - y: [*a]\n"])
    func aliasWithinItselfIsAnError(text: String) throws {
        let found = try #require(mistakes(in: text).first)
        #expect(found.message == "the alias '*a' stands within the value that it names")
        #expect(found.notes.count == 1)
    }

    @Test func anchorMayNotBeDefinedTwice() {
        let found = mistakes(in: "a: &x 1\nb: &x 2\n")
        #expect(found.map(\.message) == ["the anchor '&x' is defined twice"])
    }

    @Test func aliasBombIsDefused() throws {
        var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            lines.append("a\(level): &a\(level) [\(aliases)]")
        }
        let found = try #require(mistakes(in: lines.joined(separator: "\n")).first)
        #expect(found.code == .limit)
        #expect(found.location?.line == 6)
    }

    @Test func aliasesCannotNestDeeperThanText() throws {
        var lines = ["a0: &a0 [x]"]
        for level in 1...200 { lines.append("a\(level): &a\(level) [*a\(level - 1)]") }
        let found = try #require(mistakes(in: lines.joined(separator: "\n")).first)
        #expect(found.message == "more than 64 lists and mappings within each other")
    }

    @Test func mergeKeyPointsToExtends() throws {
        let found = mistakes(in: "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n")
        #expect(found.map(\.code) == [.syntax])
        #expect(found.first?.location?.place == [3, 3, 2])
        #expect(found.first?.hint?.contains("extends:") == true)
        #expect(try YAML.parse("'<<': 1", file: "f").root.flat == "{<<: 1}")
    }

    @Test(arguments: ["[a]: 1", "{a: 1}: 2", "? [a]\n: 2", "a: &x [1]\nb: {*x : 1}"])
    func keysMustBeText(text: String) {
        #expect(mistakes(in: text).first?.message.hasPrefix("a key must be text, not a") == true)
    }

    @Test func absentKeyIsAnError() {
        #expect(mistakes(in: "{: 5}").count == 1)
        #expect(mistakes(in: "a:\n  : 5").count == 1)
    }

    @Test(arguments: [
        "!!python/object:os.system", "!foo", "!<tag:example.org,2002:x>", "!!binary",
    ])
    func unknownTagsAreErrors(tag: String) throws {
        let found = try #require(mistakes(in: "a: 1\nb: \(tag) x").first)
        #expect(found.message.hasSuffix("is not supported here"))
        #expect(found.location?.line == 2)
        #expect(found.location?.column == 4)
        #expect(mistakes(in: "a: \(tag) [x]").count == 1)
    }

    @Test func coreTagsSayWhetherAScalarIsText() throws {
        let text = "{a: !!str 5, b: !!int '5', c: ! 5, d: !!seq [1], e: !!map {f: 1}, g: !!null ~}"
        let root = try YAML.parse(text, file: "f").root
        #expect(root.flat == "{a: \"5\", b: 5, c: \"5\", d: [1], e: {f: 1}, g: ~}")
        #expect(mistakes(in: "a: !!map [1]").count == 1)
    }

    @Test(arguments: ["a: 1\n---\nb: 2\n", "a: 1\n---\n", "a: 1\n...\n---\nb: 2\n"])
    func secondDocumentIsAnError(text: String) {
        #expect(mistakes(in: text).map(\.message) == ["a second document starts here"])
    }

    @Test func topMayBeScalarOrListForTheSchemaToJudge() throws {
        #expect(try YAML.parse("5", file: "f").root.flat == "5")
        #expect(try YAML.parse("- a\n- b", file: "f").root.flat == "[a, b]")
    }

    @Test func aliasesCannotRepeatMoreTextThanThereIsRoomFor() throws {
        let long = String(repeating: "x", count: 60_000)
        for anchored in ["&a \(long)", "&a {\(long.prefix(1000)): 1}"] {
            let aliases = Array(repeating: "*a", count: 5000).joined(separator: ", ")
            let found = mistakes(in: "a: \(anchored)\nb: [\(aliases)]")
            #expect(found.map(\.code) == [.limit])
            #expect(found.first?.message.contains("bytes of text") == true)
        }
        var limits = YAMLLimits.standard
        limits.textBytes = 12
        let text = "a: &a {key: text}\nb: *a"
        #expect(mistakes(in: text, limits: limits).map(\.code) == [.limit])
        limits.textBytes = 16
        #expect(mistakes(in: text, limits: limits).isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func countlessUnknownAliasesAreCountedOnly() {
        let anchors = (0..<5000).map { "a\($0): &a\($0) 1\n" }.joined()
        let aliases = (0..<5000).map { "b\($0): *zzzzzz\($0)\n" }.joined()
        let error = #expect(throws: ConfigurationError.self) {
            try YAML.parse(anchors + aliases, file: "f.yaml")
        }
        #expect(error?.diagnostics.count == 100 && error?.omitted == 4900)
    }
}
