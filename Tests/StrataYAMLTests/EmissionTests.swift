import StrataSchema
import StrataYAML
import Testing

@Suite struct EmissionTests {
    @Test func specIsWrittenAsPeopleWriteIt() {
        let value: ConfigValue = [
            "spec": 1,
            "name": "charlstm",
            "data": ["path": "../Sources/**/*.{swift,c}", "split": ["train": 0.9, "test": 0.1]],
            "network": [
                "layers": [
                    "lstm1": ["type": "lstm", "units": 200],
                    "sum": ["type": "add", "from": ["lstm1", "input"]],
                    "next": ["type": "output", "loss": ["type": "mse"]],
                ]
            ],
            "clip": .null, "empty": [:], "none": .list([]), "sizes": [1, 2.5, true],
            "pairs": [["a": 1], ["b": [1, 2], "c": ["d": ["e": "f"]]]],
            "generate": ["prompt": "func ", "rate": 1e-4],
        ]
        let expected = """
            spec: 1
            name: charlstm
            data:
              path: ../Sources/**/*.{swift,c}
              split: {train: 0.9, test: 0.1}
            network:
              layers:
                lstm1: {type: lstm, units: 200}
                sum: {type: add, from: [lstm1, input]}
                next:
                  type: output
                  loss: {type: mse}
            clip: null
            empty: {}
            none: []
            sizes: [1, 2.5, true]
            pairs:
              - {a: 1}
              - b: [1, 2]
                c:
                  d: {e: f}
            generate:
              prompt: "func "
              rate: 0.0001

            """
        #expect(YAML.emit(value) == expected)
    }

    @Test func longMappingsTakeSeveralLines() {
        let long = ConfigValue.string(String(repeating: "x", count: 40))
        let value: ConfigValue = ["a": ["b": ["c": long, "d": long]]]
        #expect(YAML.emit(value).split(separator: "\n").count == 4)
    }

    @Test(arguments: [
        ("", true), (" a", true), ("a ", true), ("5", true), ("1e-4", true), ("true", true),
        ("No", true), ("null", true), ("~", true), (".nan", true), ("a: b", true), ("a:", true),
        ("a #b", true), ("#a", true), ("*a", true), ("- a", true), ("-", true), ("---", true),
        ("a\nb", true), ("\t", true), ("[a", true), ("\u{85}", true), ("a\u{FEFF}", true),
        ("<<", true), ("%a", true), ("@a", true), ("`a", true), ("'a", true), ("!a", true),
        ("a", false), ("-a", false), ("a:b", false), ("a#b", false), ("a, b", false),
        ("a]b", false), ("it's", false), ("a \"b\"", false), ("é😀", false), ("a  b", false),
        ("12:30:45", false), ("...a", false), ("/a/b", false), ("C:\\x", false), (".", false),
        ("1 2", false), ("?a", false), (":a", false), ("--help", false), ("a/**/*.txt", false),
    ])
    func textIsQuotedExactlyWhenNeeded(text: String, isQuoted: Bool) throws {
        let line = YAML.emit(["k": .string(text)])
        #expect(line.hasPrefix("k: \"") == isQuoted, "\(line)")
        let node = try YAML.parse(line, file: "f").root["k"]
        #expect(node?.flat == (isQuoted ? "\"\(text)\"" : text))
    }

    @Test func numbersReadBackEqual() throws {
        let values = [0.005, 1e-5, 5, -0.1, 1e300, .leastNonzeroMagnitude, 1e15, 123456789.123]
        let root = try YAML.parse(YAML.emit(.list(values.map { .double($0) })), file: "f").root
        let texts = root.elements?.compactMap(\.text) ?? []
        #expect(texts.map(Double.init) == values)
        #expect(YAML.emit(["a": [.double(.nan), .double(-.infinity)]]) == "a: [.nan, -.inf]\n")
    }

    /// Texts made of what YAML gives a meaning, from a fixed sequence of numbers.
    static let nastyTexts: [String] = {
        let parts = [
            "a", "b", " ", " ", ":", "#", "-", "?", ",", "[", "]", "{", "}", "&", "*", "!", "|",
            ">", "'", "\"", "%", "@", "`", "\\", "\n", "\r", "\t", "\0", "\u{7F}", "\u{1B}", "é",
            "e\u{301}", "\u{301}", "😀", "👨‍👩‍👧", "\u{85}", "\u{A0}", "\u{2028}", "\u{FEFF}",
            "\u{FFFE}", "\u{E000}", "\u{10FFFF}", "\u{202E}", "\r\n", "---", "...", "~", "0", "1",
            "=", "<<", ".", "null", "日本", ": ", " #", "- ", "true", "1e5", "$", "^", "(", ";",
        ]
        var state: UInt64 = 12345
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let random = (0..<3000).map { _ in
            (0...next(6)).map { _ in parts[next(parts.count)] }.joined()
        }
        return parts + random + [String(repeating: "long ", count: 500) + "end"]
    }()

    @Test func everyTextReadsBackTheSame() throws {
        for text in Self.nastyTexts {
            let value = ConfigValue.string(text)
            let pair = ConfigValue.map([.init(text, value)])
            let shapes: [ConfigValue] = [
                value, pair, [value, value], ["a": ["b": pair]], ["a": [pair, [pair]]],
                .map([.init(text, ["a": ["b": [value, [value]]]])]), [["a": value]],
            ]
            for shape in shapes {
                let yaml = YAML.emit(shape)
                do throws(ConfigurationError) {
                    let root = try YAML.parse(yaml, file: "f").root
                    if !same(root, shape) {
                        Issue.record("\(text.debugDescription) became \(root.flat) from \(yaml)")
                        return
                    }
                } catch {
                    Issue.record("\(text.debugDescription): \(error) in \(yaml)")
                    return
                }
            }
        }
    }

    /// Whether a node holds a value code point by code point; text must not look like a number.
    private func same(_ node: ConfigNode, _ value: ConfigValue) -> Bool {
        switch (node.content, value) {
        case (.scalar(let text, let isPlain), .string(let expected)):
            text.unicodeScalars.elementsEqual(expected.unicodeScalars)
                && (!isPlain || (ScalarText.number(text) == nil && !node.isNull))
        case (.sequence(let elements), .list(let expected)):
            elements.count == expected.count && zip(elements, expected).allSatisfy(same)
        case (.mapping(let entries), .map(let expected)):
            entries.count == expected.count
                && zip(entries, expected).allSatisfy {
                    $0.key.unicodeScalars.elementsEqual($1.key.unicodeScalars)
                        && same($0.value, $1.value)
                }
        default: false
        }
    }
}
