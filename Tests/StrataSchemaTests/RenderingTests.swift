import StrataSchema
import Testing

@Suite struct RenderingTests {
    private func render(
        _ text: String, line: Int, column: Int, length: Int, hint: String? = nil
    ) -> String {
        var texts = SourceTexts()
        texts.add(text, file: "f.yaml")
        let place = SourceLocation(file: "f.yaml", line: line, column: column, length: length)
        return DiagnosticRenderer(texts: texts).render(
            Diagnostic(.unknownKey, path: ["a"], "no such setting", at: place, hint: hint))
    }

    @Test func caretPointsAtTheMistake() {
        let text = "a: 1\nlayers:\n    lstm2: {type: lstm, untis: 200}\n"
        #expect(
            render(text, line: 3, column: 25, length: 5, hint: "did you mean 'units'?") == """
                f.yaml:3:25: error: no such setting
                        lstm2: {type: lstm, untis: 200}
                                            ^~~~~ did you mean 'units'?
                """)
    }

    @Test(arguments: ["a: 1\r\nbad: 2\r\n", "a: 1\rbad: 2", "a: 1\nbad: 2", "a: 1\u{2028}bad: 2"])
    func everyLineBreakCounts(text: String) {
        #expect(
            render(text, line: 2, column: 1, length: 3) == """
                f.yaml:2:1: error: no such setting
                    bad: 2
                    ^~~
                """)
    }

    @Test func longLinesAreCutAroundTheCaret() {
        let text = String(repeating: "a", count: 500) + "BAD" + String(repeating: "b", count: 500)
        let lines = render(text, line: 1, column: 501, length: 3).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].count <= 4 + 3 + 100 + 3)
        let caret = lines[2].distance(
            from: lines[2].startIndex, to: lines[2].firstIndex(of: "^") ?? lines[2].startIndex)
        #expect(lines[1].dropFirst(caret).prefix(3) == "BAD")
        #expect(lines[2].hasSuffix("^~~"))
    }

    @Test func placesOutsideTheTextAreHarmless() {
        for (line, column) in [(1, 99), (0, 0), (9, 1), (1, 0)] {
            let text = render("a: 1", line: line, column: column, length: 50)
            #expect(text.hasPrefix("f.yaml:\(line):\(column): error: no such setting"))
        }
    }

    @Test func controlCharactersDoNotReachTheTerminal() {
        let text = render("a: \u{1B}[2J\u{202E}x\ty", line: 1, column: 1, length: 1)
        #expect(text.contains("a: \u{FFFD}[2J\u{FFFD}x y"))
        let diagnostic = Diagnostic(.unknownKey, "no 'a\u{1B}[2J\nb'", at: nil, hint: "\u{7}")
        #expect(diagnostic.description == "error: no 'a\u{FFFD}[2J b' (\u{FFFD})")
        #expect(
            ConfigurationError([diagnostic]).description
                == "error: no 'a\u{FFFD}[2J b'\n    \u{FFFD}")
    }

    private static func texts(_ entries: [ConfigNode.Entry]) -> SourceTexts {
        var texts = SourceTexts()
        texts.add("a: {b: [7, 8]}\nc: 3\n", file: "f.yaml")
        texts.settings = ConfigNode(.mapping(entries), location: place(1, 1))
        return texts
    }

    private static func place(_ line: Int, _ column: Int) -> StrataSchema.SourceLocation {
        .init(file: "f.yaml", line: line, column: column)
    }

    private static var entries: [ConfigNode.Entry] {
        let list = ConfigNode(
            .sequence([
                ConfigNode(.scalar("7", isPlain: true), location: place(1, 9)),
                ConfigNode(.scalar("8", isPlain: true), location: place(1, 12)),
            ]), location: place(1, 8))
        let inner = ConfigNode(
            .mapping([.init(key: "b", keyLocation: place(1, 5), value: list)]),
            location: place(1, 4))
        return [
            .init(key: "a", keyLocation: place(1, 1), value: inner),
            .init(
                key: "c", keyLocation: place(2, 1),
                value: ConfigNode(.scalar("3", isPlain: true), location: place(2, 4))),
        ]
    }

    @Test(
        arguments: [
            (["c"], (2, 4)), (["a"], (1, 1)), (["a", "b", "1"], (1, 12)),
            (["a", "x", "y"], (1, 1)),
            (["a", "b", "9"], (1, 8)), (["x"], (1, 1)), (["c", "x"], (2, 4)),
        ] as [([String], (Int, Int))])
    func settingIsShownWhereItStandsOrNearby(path: [String], place: (Int, Int)) throws {
        let error = ConfigurationError(
            [Diagnostic(.conflict, path: path, "no")], texts: Self.texts(Self.entries))
        let found = try #require(error.diagnostics[0].location)
        #expect((found.line, found.column) == place)
        #expect(error.description.contains("^ no") || error.description.contains("error: no\n"))
    }

    @Test func placesThatAreKnownStay() {
        let known = Self.place(9, 9)
        let diagnostics = [
            Diagnostic(.conflict, path: ["c"], "no", at: known),
            Diagnostic(.conflict, "no path"),
        ]
        let error = ConfigurationError(diagnostics, texts: Self.texts(Self.entries))
        #expect(error.diagnostics.map(\.location) == [known, nil])
    }

    @Test func mistakesComeInTheOrderOfTheirFiles() {
        func mistake(_ file: String, _ line: Int) -> Diagnostic {
            Diagnostic(
                .conflict, "\(file)\(line)",
                at: .init(file: file, line: line, column: 1))
        }
        let error = ConfigurationError([
            mistake("b", 2), mistake("a", 5), mistake("b", 1), mistake("a", 3),
        ])
        #expect(error.diagnostics.map(\.message) == ["b1", "b2", "a3", "a5"])
    }

    @Test func settingIsNamedWhereThereIsNoPlace() {
        let diagnostic = Diagnostic(
            .outOfRange, path: ["training", "epochs"], "too many", hint: "h")
        #expect(diagnostic.description == "training.epochs: error: too many (h)")
        #expect(
            ConfigurationError([diagnostic]).description
                == "training.epochs: error: too many\n    h")
    }

    @Test func aHundredMistakesAreToldAndTheRestIsCounted() {
        let many = (1...250).map {
            Diagnostic(.conflict, "no \($0)", at: Self.place(251 - $0, 1))
        }
        var list = DiagnosticList()
        for diagnostic in many { list.append(diagnostic) }
        let thrown = #expect(throws: ConfigurationError.self) { try list.throwIfAny() }
        for error in [ConfigurationError(many), thrown].compactMap(\.self) {
            #expect(error.diagnostics.count == 100 && error.omitted == 150)
            #expect(error.diagnostics.first?.message == "no 100")
            let shown = error.showing(Self.texts(Self.entries))
            #expect(shown.description.hasSuffix("error: no 1\nand 150 more"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aLineAsLongAsAFileIsCutBeforeItIsLookedAt() throws {
        var texts = SourceTexts()
        // Every thousandth column is marked, and has a mistake.
        let piece = String(repeating: "a", count: 999) + "b"
        texts.add(String(repeating: piece, count: 100), file: "f.yaml")
        let error = ConfigurationError(
            (1...100).map { Diagnostic(.conflict, "no", at: Self.place(1, 1000 * $0)) },
            texts: texts)
        #expect(error.description.utf8.count < 100 * 400)
        let lines = error.description.split(separator: "\n").map(Array.init)
        let carets = lines.indices.filter { lines[$0].contains("^") }
        #expect(carets.count == 100)
        for caret in carets {
            let column = try #require(lines[caret].firstIndex(of: "^"))
            #expect(lines[caret - 1][column] == "b")
        }
    }
}
