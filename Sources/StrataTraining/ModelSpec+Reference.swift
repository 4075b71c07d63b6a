import StrataData
import StrataLayers
public import StrataSchema

extension ModelSpec {
    /// The keys of a whole file.
    package static var fields: [FieldDescription] { Head.describe() + [network, extends] }

    /// The keys under `network`.
    package static let networkFields: [FieldDescription] = [
        .init(
            "defaults", "mapping", jsonSchema: ["type": "object"],
            doc: "Settings for all layers that have them and do not set them."),
        .init(
            "layers", "mapping", rule: "at least one layer", required: true,
            jsonSchema: [
                "type": "object",
                "additionalProperties": LayerCatalog.standard.jsonSchema(
                    extra: layerFields.map(\.property)),
            ],
            doc: "The layers by their names, each of which reads the one before it."),
    ]

    /// The keys that every layer has besides its `type` and its own settings.
    package static let layerFields: [FieldDescription] = [
        .init(
            "from", [String].typeName, jsonSchema: [String].jsonSchema,
            doc: "Names of layers or inputs to read; unset: the layer before.")
    ]

    private static let network = FieldDescription(
        "network", "mapping", required: true,
        jsonSchema: .map([
            .init("type", "object"), .init("required", ["layers"]),
            .init("additionalProperties", false),
            .init("properties", .map(networkFields.map(\.property))),
        ]),
        doc: "The layers; here or in a file that this one extends.")

    private static let extends = FieldDescription(
        "extends", [String].typeName, jsonSchema: [String].jsonSchema,
        doc: "Files that this one builds on, relative to it.")

    /// The JSON Schema of a whole file, for editors.
    public static var jsonSchema: ConfigValue {
        let further = [extends, network].map(\.property)
        var pairs = Head.objectSchema(extra: further).pairs ?? []
        pairs.insert(.init("$schema", "https://json-schema.org/draft/2020-12/schema"), at: 0)
        return .map((ConfigValue.map(pairs).withoutRequired.pairs ?? []) + [required])
    }

    /// What a file must say, unless files that it extends may say it.
    private static var required: ConfigValue.Pair {
        let keys = DataCatalog.standard.kinds.map { kind in
            Set(kind.fields.filter(\.isRequired).map(\.key))
        }
        let ofData = keys.dropFirst().reduce(keys.first ?? []) { $0.intersection($1) }
        return .init(
            "anyOf",
            [
                ["required": ["extends"]],
                [
                    "required": ["network"],
                    "properties": [
                        "network": ["required": ["layers"]],
                        "data": ["required": .list(ofData.sorted().map(ConfigValue.string))],
                    ],
                ],
            ])
    }
}

extension ConfigValue {
    /// A JSON Schema that asks for no keys.
    fileprivate var withoutRequired: ConfigValue {
        switch self {
        case .map(let pairs):
            .map(
                pairs.filter { $0.key != "required" }
                    .map { .init($0.key, $0.value.withoutRequired) })
        case .list(let values): .list(values.map(\.withoutRequired))
        default: self
        }
    }
}
