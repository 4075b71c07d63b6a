import StrataSchema
import Testing

@Suite struct DecodingTests {
    private func read(_ node: ConfigNode) -> (value: Sample?, diagnostics: [Diagnostic]) {
        var context = DecodingContext()
        let value = Sample.catalog.decode(node, &context)
        return (value, context.diagnostics)
    }

    @Test func absentKeysKeepTheirDefaults() {
        var expected = SampleLayer()
        expected.units = 7
        let result = read(mapping([("type", plain("sample")), ("units", plain("7"))]))
        #expect(result.value == .sample(expected))
    }

    @Test func typeAloneStandsForAllDefaults() {
        #expect(read(ConfigNode(plain("sample"))).value == .sample(SampleLayer()))
        #expect(read(ConfigNode(plain("SampleLayer"))).value == .sample(SampleLayer()))
        #expect(read(mapping([("type", quoted("sample"))])).value == .sample(SampleLayer()))
    }

    @Test func allMistakesAreFoundAtOnce() {
        let node = mapping([
            ("type", plain("sample")), ("untis", plain("7")), ("rate", plain("1")),
            ("bias", plain("maybe")), ("mode", plain("fats")), ("sizes", .mapping([])),
        ])
        let found = read(node).diagnostics
        #expect(
            found.map(\.code) == [
                .unknownKey, .outOfRange, .typeMismatch, .unknownName, .typeMismatch,
            ])
        #expect(found.map { $0.location?.line } == [2, 3, 4, 5, 6])
        #expect(found.map { $0.path.first } == [nil, "rate", "bias", "mode", "sizes"])
    }

    @Test func unknownKeySuggestsNearest() {
        let node = mapping([("type", plain("sample")), ("untis", plain("7"))])
        let found = read(node).diagnostics.first
        #expect(found?.message == "layer 'sample' has no setting 'untis'")
        #expect(found?.hint == "did you mean 'units'?")
    }

    @Test func farKeyListsWhatIsKnown() {
        let node = mapping([("type", plain("other")), ("path", plain("x")), ("zzzzz", plain("7"))])
        #expect(read(node).diagnostics.first?.hint == "known: path, low, high, type")
    }

    @Test func rangeMistakeSaysTheRule() {
        let node = mapping([("type", plain("sample")), ("units", plain("0"))])
        #expect(
            read(node).diagnostics.first?.message == "'units' must be at least 1, not '0'")
    }

    @Test func missingKeyIsReportedWithItsMeaning() {
        let found = read(ConfigNode(plain("other"))).diagnostics.first
        #expect(found?.code == .missingKey)
        #expect(found?.message == "layer 'other' needs the setting 'path'")
        #expect(found?.hint == "Where it is.")
    }

    @Test func rulesAmongKeysAreCheckedLast() {
        let node = mapping([
            ("type", plain("other")), ("path", plain("x")), ("low", plain("5")),
        ])
        #expect(read(node).diagnostics.map(\.code) == [.conflict])
    }

    @Test func unknownTypeSuggestsNearest() {
        let found = read(ConfigNode(plain("smaple"))).diagnostics.first
        #expect(found?.code == .unknownName)
        #expect(found?.message == "there is no layer type 'smaple'")
        #expect(found?.hint == "did you mean 'sample'?")
    }

    @Test func typeMustBeThere() {
        let found = read(mapping([("units", plain("7"))])).diagnostics.first
        #expect(found?.code == .missingKey)
        #expect(found?.hint == "known: sample, other")
        #expect(read(ConfigNode(plain("~"))).diagnostics.map(\.code) == [.typeMismatch])
        #expect(read(ConfigNode(.sequence([]))).diagnostics.map(\.code) == [.typeMismatch])
    }

    @Test func sharedDefaultsApplyWhereTheyFit() {
        var context = DecodingContext()
        let defaults = (mapping([("units", plain("9")), ("unrelated", plain("1"))]).entries ?? [])
        let value = Sample.catalog.decode(
            mapping([("type", plain("sample")), ("rate", plain("0.1")), ("from", plain("x"))]),
            &context, ignoring: ["from"], defaults: defaults)
        var expected = SampleLayer()
        expected.units = 9
        expected.rate = 0.1
        #expect(value == .sample(expected))
    }

    @Test func writtenValuesReadBackEqual() {
        var layer = SampleLayer()
        layer.units = 3
        layer.rate = 1e-7
        layer.sizes = [4]
        layer.clip = nil
        layer.label = "5"
        for value in [SampleLayer(), layer] {
            #expect(read(value.config.node).value == .sample(value))
        }
        #expect(SampleLayer().config["note"] == .null)
        #expect(layer.config["clip"] == .null)
        #expect(layer.config.pairs?.first == .init("type", "sample"))
    }

    @Test func throwingCarriesAllMistakes() {
        var context = DecodingContext()
        #expect(throws: Never.self) { try context.throwIfAny(texts: SourceTexts()) }
        context.report(.syntax, "one", at: nil)
        context.report(.syntax, "two", at: nil)
        let error = #expect(throws: ConfigurationError.self) {
            try context.throwIfAny(texts: SourceTexts())
        }
        #expect(error?.description == "error: one\nerror: two")
    }

    @Test(
        arguments: [
            ("positive", "1e-46", "greater than 0, not '1e-46', which is too small for float32"),
            ("positive", "1e-40", "greater than 0, not '1e-40', which is too small for float32"),
            ("positive", "1e39", "greater than 0, not '1e39', which is too large for float32"),
            ("positive", "-1", "greater than 0, not '-1'"),
            ("limit", "1e-300", "greater than 0, not '1e-300', which is too small for float32"),
            ("notNegative", "1e-50", "at least 0, not '1e-50', which is too small for float32"),
            (
                "fraction", "0.99999999999",
                "at least 0 and less than 1, not '0.99999999999', which is 1 in float32"
            ),
            ("finite", "-1e39", "finite, not '-1e39', which is too large for float32"),
        ])
    func numbersMustSurviveInFloat32(key: String, value: String, rule: String) {
        var context = DecodingContext()
        #expect(Numbers.decode(mapping([(key, plain(value))]), &context) == nil)
        #expect(context.diagnostics.map(\.code) == [.outOfRange])
        #expect(context.diagnostics.first?.message == "'\(key)' must be \(rule)")
    }

    @Test(arguments: [
        ("positive", "1.2e-38"), ("positive", "3.4e38"), ("notNegative", "0"),
        ("notNegative", "1e-8"), ("fraction", "0.9999999"), ("fraction", "0"), ("finite", "0"),
        ("finite", "-3e38"), ("limit", "~"),
    ])
    func numbersThatFloat32HoldsAreTaken(key: String, value: String) {
        var context = DecodingContext()
        #expect(Numbers.decode(mapping([(key, plain(value))]), &context) != nil)
    }

    @Test func messagesUseTheRightArticle() {
        var context = DecodingContext()
        let kinds = Catalog<Sample>("animal", [.init(SampleLayer.self) { .sample($0) }])
        #expect(kinds.decode(ConfigNode(.sequence([])), &context) == nil)
        #expect(
            context.diagnostics.first?.message
                == "expected the type of an animal, or a mapping, not an empty list")
    }

    @Test(.timeLimit(.minutes(1))) func countlessMistakesAreCountedOnly() {
        let pairs = (0..<20_000).map { ("zz\($0)", plain("1")) }
        var context = DecodingContext()
        #expect(Numbers.decode(mapping(pairs), &context) == nil)
        let error = #expect(throws: ConfigurationError.self) {
            try context.throwIfAny(texts: SourceTexts())
        }
        #expect(error?.diagnostics.count == 100 && error?.omitted == 19_900)
    }
}

/// A setting for each rule of real numbers.
private struct Numbers: Configurable {
    var positive = 1.0
    var notNegative = 1.0
    var fraction = 0.5
    var finite = 1.0
    var limit: Double?

    static let schema = Schema<Self>(
        "Numbers.",
        [
            .init("positive", \.positive, .positive, doc: ""),
            .init("notNegative", \.notNegative, .notNegative, doc: ""),
            .init("fraction", \.fraction, .fraction, doc: ""),
            .init("finite", \.finite, .finite, doc: ""),
            .init("limit", \.limit, Constraint<Double>.positive.optional(), doc: ""),
        ])
}
