import StrataData
import StrataSchema
import Testing

@Suite struct TextDataConfigTests {
    private func decode(_ value: ConfigValue) -> (DataSpec?, [Diagnostic]) {
        var context = DecodingContext()
        let spec = DataSpec.decode(value.node, &context)
        return (spec, context.diagnostics)
    }

    @Test func onlyThePathIsRequiredAndTheRestHasDefaults() throws {
        let (spec, problems) = decode(["type": "text", "path": "a.txt"])
        #expect(problems.isEmpty)
        let text = try #require(spec?.source as? TextData)
        #expect(text == TextData(path: ["a.txt"]))
        #expect(text.tokens == .characters)
        #expect(text.vocabularySize == nil)
        #expect(text.sequenceLength == 100 && text.batchSize == 32)
        #expect(text.split == SplitSpec(train: 0.9, validation: 0.05, test: 0.05))
    }

    @Test func everySettingRoundTrips() {
        let source = TextData(
            path: ["a.txt", "b/**/*.md"], tokens: .words, vocabularySize: 5000,
            sequenceLength: 7, batchSize: 3,
            split: SplitSpec(train: 0.5, validation: 0.25, test: 0.25))
        let (spec, problems) = decode(source.config)
        #expect(problems.isEmpty)
        #expect(spec == DataSpec(source))
        #expect(spec?.config == source.config)
        #expect(spec != DataSpec(TextData(path: ["a.txt"])))
    }

    @Test func missingPathIsReported() {
        for value: ConfigValue in [["type": "text"], "text"] {
            let (spec, problems) = decode(value)
            #expect(spec == nil)
            #expect(problems.map(\.code) == [.missingKey])
            #expect(problems.first?.message == "data source 'text' needs the setting 'path'")
        }
    }

    @Test(arguments: [ConfigValue.list([]), "", ["a.txt", ""], "a\0b"])
    func emptyPathsAreRefused(path: ConfigValue) {
        let (spec, problems) = decode(["type": "text", "path": path])
        #expect(spec == nil)
        #expect(problems.map(\.code) == [.outOfRange])
    }

    @Test func unknownKeySuggestsNearest() {
        let (_, problems) = decode(["type": "text", "path": "a", "batch": 3, "sequense_length": 5])
        #expect(problems.map(\.code) == [.unknownKey, .unknownKey])
        #expect(problems.last?.hint == "did you mean 'sequence_length'?")
    }

    @Test func unknownTypeIsReported() {
        let (_, problems) = decode(["type": "txt", "path": "a"])
        #expect(problems.first?.message == "there is no data source type 'txt'")
        #expect(problems.first?.hint == "did you mean 'text'?")
    }

    @Test func unknownTokensSuggestNearest() {
        let (_, problems) = decode(["type": "text", "path": "a", "tokens": "character"])
        #expect(problems.first?.hint == "did you mean 'characters'?")
    }

    @Test(arguments: [
        ("batch_size", ConfigValue.int(0)), ("batch_size", -1), ("sequence_length", 0),
        ("sequence_length", 16_777_217), ("vocabulary_size", 1), ("vocabulary_size", -3),
    ])
    func sizesOutOfRangeAreRefused(key: String, value: ConfigValue) {
        let (spec, problems) = decode(
            .map([.init("type", "text"), .init("path", "a"), .init(key, value)]))
        #expect(spec == nil)
        #expect(problems.map(\.code) == [.outOfRange])
    }

    @Test func vocabularySizeMayBeNullAndDoesNotGoWithBytes() {
        let (spec, _) = decode(["type": "text", "path": "a", "vocabulary_size": .null])
        #expect((spec?.source as? TextData)?.vocabularySize == nil)
        let (none, problems) = decode(
            ["type": "text", "path": "a", "tokens": "bytes", "vocabulary_size": 100])
        #expect(none == nil)
        #expect(problems.map(\.code) == [.conflict])
    }

    @Test func splitMustSumToOneAndTheErrorHasItsPlace() {
        let place = SourceLocation(file: "a.yaml", line: 4, column: 9)
        var split = ConfigValue.map([.init("train", 0.8)]).node
        split.location = place
        let node = ConfigNode(
            .mapping([
                .init(key: "type", keyLocation: nil, value: ConfigValue.string("text").node),
                .init(key: "path", keyLocation: nil, value: ConfigValue.string("a").node),
                .init(key: "split", keyLocation: nil, value: split),
            ]))
        var context = DecodingContext()
        #expect(DataSpec.decode(node, &context) == nil)
        #expect(context.diagnostics.map(\.code) == [.conflict])
        #expect(context.diagnostics.first?.location == place)
        #expect(context.diagnostics.first?.path == ["split"])
        #expect(
            context.diagnostics.first?.message
                == "train, validation and test must sum to 1, not 0.9")
    }

    @Test(
        arguments: [
            ["train": 0, "validation": 0.5, "test": 0.5],
            ["train": 1.1, "validation": -0.1, "test": 0],
            ["train": "nan"],
        ] as [ConfigValue])
    func sharesOutOfRangeAreRefused(split: ConfigValue) {
        let (spec, problems) = decode(["type": "text", "path": "a", "split": split])
        #expect(spec == nil)
        #expect(!problems.isEmpty)
    }

    @Test func sharesThatSumToOneButForRoundingAreTaken() {
        let (spec, problems) = decode([
            "type": "text", "path": "a",
            "split": ["train": 0.3333333, "validation": 0.3333333, "test": 0.3333333],
        ])
        #expect(problems.isEmpty)
        #expect(spec != nil)
    }

    @Test func jsonSchemaNamesEverySetting() {
        let json = DataSpec.jsonSchema.json()
        for field in TextData.schema.fields { #expect(json.contains("\"\(field.key)\"")) }
        #expect(TextData.schema.fields.allSatisfy { !$0.doc.isEmpty })
    }

    @Test func valuesMadeInSwiftAreHeldToTheSameRules() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.txt", "abcdef")
        var data = tiny("a.txt")
        data.batchSize = 0
        #expect(loadError(data, in: folder)?.kind == .invalid)
        data = tiny("a.txt")
        data.split = SplitSpec(train: .nan, validation: 2, test: -1)
        #expect(loadError(data, in: folder)?.kind == .invalid)
        #expect(loadError(TextData(), in: folder)?.kind == .invalid)
        #expect(loadError(tiny("a\0.txt"), in: folder)?.kind == .invalid)
    }

    @Test func emptyPathIsNamedByItsPlace() {
        let (_, problems) = decode(["type": "text", "path": ["a", ""]])
        #expect(problems.map(\.message) == ["a path cannot be empty"])
        #expect(problems.map(\.path) == [["path", "1"]])
    }

    @Test func wrongSplitSuggestsOneThatFits() {
        let (_, problems) = decode(["type": "text", "path": "a", "split": ["validation": 0.15]])
        #expect(problems.first?.hint?.hasSuffix("; train: 0.8 would make it 1") == true)
    }
}
