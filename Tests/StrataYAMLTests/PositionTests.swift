import StrataSchema
import StrataYAML
import Testing

@Suite struct PositionTests {
    @Test func everyNodeAndKeyKnowsItsPlace() throws {
        let root = try YAML.parse(
            """
            name: charlstm
            network:
              layers:
                lstm1: {type: lstm, units: 200}
              sizes: [1, 'two']
            """, file: "f.yaml"
        ).root
        #expect(root.location?.place == [1, 1, 1])
        #expect(root.at("name")?.location?.place == [1, 7, 8])
        #expect(root.entries?[1].keyLocation?.place == [2, 1, 7])
        #expect(root.at("network")?.location?.place == [3, 3, 1])
        let layer = try #require(root.at("network.layers")?.entries?.first)
        #expect(layer.keyLocation?.place == [4, 5, 5])
        #expect(layer.value.location?.place == [4, 12, 24])
        #expect(layer.value.entries?[1].keyLocation?.place == [4, 25, 5])
        #expect(layer.value["units"]?.location?.place == [4, 32, 3])
        #expect(root.at("network.sizes")?.location?.place == [5, 10, 10])
        #expect(root.at("network.sizes.1")?.location?.place == [5, 14, 5])
        #expect(root.at("name")?.location?.file == "f.yaml")
    }

    @Test func columnsCountCharacters() throws {
        let text = "e\u{301}: 😀👨‍👩‍👧 # x\nx: {日本: [1, 二]}"
        let root = try YAML.parse(text, file: "f").root
        #expect(root.entries?[0].keyLocation?.place == [1, 1, 1])
        #expect(root.entries?[0].value.location?.place == [1, 4, 2])
        #expect(root.at("x.日本.1")?.location?.place == [2, 13, 1])
    }

    @Test func absentValueStandsBehindItsKey() throws {
        let root = try YAML.parse("a:\nb: 1\n", file: "f").root
        #expect(root["a"]?.isNull == true)
        #expect(root["a"]?.location?.place == [1, 3, 1])
    }

    @Test func textOnSeveralLinesIsMarkedOnItsFirst() throws {
        let root = try YAML.parse("a: one\n  two\nb: |\n  x\n  y\nc: 'p\n  q'", file: "f").root
        #expect(root["a"]?.text == "one two")
        #expect(root["a"]?.location?.place == [1, 4, 3])
        #expect(root["b"]?.text == "x\ny\n")
        #expect(root["b"]?.location?.place == [3, 4, 1])
        #expect(root["c"]?.location?.place == [6, 4, 2])
    }

    @Test func scalarsStayTextAndQuotesAreKnown() throws {
        let root = try YAML.parse(
            "{a: 1e-4, b: '5', c: \"no\", d: no, e: 0x10, f: 1_000, g: ~}", file: "f"
        ).root
        #expect(root.flat == "{a: 1e-4, b: \"5\", c: \"no\", d: no, e: 0x10, f: 1_000, g: ~}")
    }

    @Test func aliasedValueKeepsItsOrigin() throws {
        let root = try YAML.parse("a: &x [1, 2]\nb: *x\n", file: "f").root
        #expect(root["b"]?.flat == "[1, 2]")
        #expect(root.at("b.1")?.location?.place == [1, 11, 1])
    }

    @Test func aliasMayBeAKey() throws {
        let root = try YAML.parse("&k name: 1\nv: {*k : 2}\n", file: "f").root
        #expect(root.flat == "{name: 1, v: {name: 2}}")
    }

    @Test func unusedAnchorsAreFine() throws {
        #expect(try YAML.parse("a: &x 1\n", file: "f").root.flat == "{a: 1}")
    }

    @Test func errorShowsLineAndCaret() {
        let expected = """
            f.yaml:2:3: error: 'units' is set twice
                  units: 2
                  ^~~~~
            f.yaml:1:4: note: first set here
                a: units
                   ^
            """
        var texts = SourceTexts()
        texts.add("a: units\n  units: 2", file: "f.yaml")
        let diagnostic = Diagnostic(
            .duplicateKey, "'units' is set twice",
            at: SourceLocation(file: "f.yaml", line: 2, column: 3, length: 5),
            notes: [.init("first set here", at: .init(file: "f.yaml", line: 1, column: 4))])
        #expect(ConfigurationError([diagnostic], texts: texts).description == expected)
    }
}
