import StrataSchema

/// A small kind of thing with every sort of setting.
struct SampleLayer: NamedConfigurable {
    var units = 128
    var rate = 0.5
    var bias = true
    var label = "none"
    var mode = SampleMode.fast
    var sizes = [1, 2]
    var clip: Double? = 5
    var note: String?

    static let type = "sample"
    static let aliases = ["SampleLayer"]
    static let schema = Schema<Self>(
        "A sample.",
        [
            .init("units", \.units, .positive, doc: "Hidden units."),
            .init("rate", \.rate, .fraction, doc: "Share to drop."),
            .init("bias", \.bias, doc: "Whether a bias is added."),
            .init("label", \.label, doc: "A label."),
            .init("mode", \.mode, doc: "How."),
            .init("sizes", \.sizes, doc: "Sizes."),
            .init("clip", \.clip, Constraint.positive.optional(), doc: "Largest norm."),
            .init("note", \.note, doc: "A note."),
        ])
}

enum SampleMode: String, ConfigChoice {
    case fast, slow
    static let aliases = ["QUICK": SampleMode.fast]
}

/// Another kind, with a setting that must be given.
struct OtherLayer: NamedConfigurable {
    var path = ""
    var low = 0
    var high = 1

    static let type = "other"
    static let schema = Schema<Self>(
        "Another.",
        [
            .init("path", \.path, required: true, doc: "Where it is."),
            .init("low", \.low, doc: "Lower end."),
            .init("high", \.high, doc: "Upper end."),
        ])

    func validate(_ context: inout DecodingContext, at location: SourceLocation?) {
        if low > high { context.report(.conflict, "'low' is above 'high'", at: location) }
    }
}

/// What the catalog makes of both kinds.
enum Sample: Equatable, Sendable {
    case sample(SampleLayer)
    case other(OtherLayer)

    static let catalog = Catalog<Sample>(
        "layer",
        [
            .init(SampleLayer.self) { .sample($0) },
            .init(OtherLayer.self) { .other($0) },
        ])
}

/// A node with places as a parser would make it: key n on line n + 1.
func mapping(_ pairs: [(String, ConfigNode.Content)]) -> ConfigNode {
    let entries = pairs.enumerated().map { index, pair in
        ConfigNode.Entry(
            key: pair.0,
            keyLocation: SourceLocation(
                file: "f.yaml", line: index + 1, column: 1, length: pair.0.count),
            value: ConfigNode(
                pair.1,
                location: SourceLocation(
                    file: "f.yaml", line: index + 1, column: pair.0.count + 3)))
    }
    return ConfigNode(
        .mapping(entries), location: SourceLocation(file: "f.yaml", line: 1, column: 1))
}

/// A scalar as it stands in a file, without quotes or with them.
func plain(_ text: String) -> ConfigNode.Content { .scalar(text, isPlain: true) }
func quoted(_ text: String) -> ConfigNode.Content { .scalar(text, isPlain: false) }

/// A value read from one scalar, and what is wrong with it.
func decoded<Value: ConfigRepresentable>(
    _ type: Value.Type, _ content: ConfigNode.Content
) -> (value: Value?, diagnostics: [Diagnostic]) {
    var context = DecodingContext()
    let value = Value.decode(ConfigNode(content), &context)
    return (value, context.diagnostics)
}
