import StrataSchema
import Testing

/// A mistake of a section is shown at the override that took part in it.
@Suite struct OverridePlaceTests {
    private static func place(_ line: Int, _ column: Int, file: String = "f.yaml")
        -> StrataSchema.SourceLocation
    {
        .init(file: file, line: line, column: column)
    }

    private static func override(_ line: Int) -> StrataSchema.SourceLocation {
        place(line, 5, file: "--set")
    }

    private static func scalar(_ text: String, _ place: StrataSchema.SourceLocation) -> ConfigNode {
        ConfigNode(.scalar(text, isPlain: true), location: place)
    }

    /// `a: {b: 1, c: 2, d: [3, 4]}` and `e: 5`, where c and the last element were overridden.
    private static let texts: SourceTexts = {
        let list = ConfigNode(
            .sequence([scalar("3", place(1, 20)), scalar("4", override(2))]),
            location: place(1, 19))
        let section = ConfigNode(
            .mapping([
                .init(key: "b", keyLocation: place(1, 5), value: scalar("1", place(1, 8))),
                .init(key: "c", keyLocation: override(1), value: scalar("2", override(1))),
                .init(key: "d", keyLocation: place(1, 16), value: list),
            ]), location: place(1, 4))
        var texts = SourceTexts()
        texts.settings = ConfigNode(
            .mapping([
                .init(key: "a", keyLocation: place(1, 1), value: section),
                .init(key: "e", keyLocation: place(2, 1), value: scalar("5", place(2, 4))),
            ]), location: place(1, 1))
        return texts
    }()

    private static func placed(_ diagnostic: Diagnostic) -> Diagnostic? {
        // Passing an error on must not change it again.
        let once = ConfigurationError([diagnostic], texts: texts)
        return ConfigurationError(once.diagnostics, texts: texts).diagnostics.first
    }

    @Test(arguments: [Diagnostic.Code.conflict, .limit, .graph, .shapeMismatch])
    func sectionIsShownAtItsOverrides(code: Diagnostic.Code) throws {
        for location in [nil, Self.place(1, 4)] {
            let found = try #require(Self.placed(.init(code, path: ["a"], "no", at: location)))
            #expect(found.location == Self.override(1))
            #expect(
                found.notes.map(\.location) == [location ?? Self.place(1, 1), Self.override(2)])
        }
    }

    @Test(arguments: [Diagnostic.Code.unknownKey, .missingKey, .typeMismatch, .file])
    func mistakesOfOneSettingStayThere(code: Diagnostic.Code) {
        let found = Self.placed(.init(code, path: ["a"], "no", at: Self.place(1, 5)))
        #expect(found?.location == Self.place(1, 5) && found?.notes.isEmpty == true)
    }

    @Test func causesElsewhereAreShown() throws {
        let diagnostic = Diagnostic(.conflict, path: ["e"], "no")
        #expect(Self.placed(diagnostic)?.location == Self.place(2, 4))
        let found = try #require(
            Self.placed(diagnostic.following(from: [["e"], ["a", "d", "1"], ["x", "y"]])))
        #expect(found.location == Self.override(2))
        #expect(found.notes.map(\.location) == [Self.place(2, 4)])
    }

    @Test func overrideThatIsTheMistakeStandsAlone() {
        let found = Self.placed(.init(.conflict, path: ["a", "c"], "no"))
        #expect(found?.location == Self.override(1) && found?.notes.isEmpty == true)
    }

    @Test func causesMayBeOfAnyKey() throws {
        let diagnostic = Diagnostic(.conflict, path: ["e"], "no")
        let found = try #require(
            Self.placed(diagnostic.following(from: [[Diagnostic.anyKey, "d"], ["x"]])))
        #expect(found.location == Self.override(2))
        #expect(found.notes.map(\.location) == [Self.place(2, 4)])
    }
}
