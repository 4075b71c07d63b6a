import StrataData
import StrataLayers
import StrataSchema
import StrataTraining

/// The generated reference of everything that a file can say.
enum Reference {
    /// Docs/Layers.md as it must be.
    static var markdown: String {
        var text = """
            # Reference

            Made by `netrun layers --markdown` from the declarations themselves; do not edit.
            `Docs/YAML.md` explains the format.


            """
        text += section("The file", "The keys at the top level.", ModelSpec.fields)
        text += section("`network`", "The layers and what they share.", ModelSpec.networkFields)
        text += section(
            "Layers", "Besides its `type` and its own settings, every layer has:",
            ModelSpec.layerFields)
        text += kinds(LayerCatalog.standard)
        text += "## Data\n\n" + kinds(DataCatalog.standard)
        text += section("data.split", SplitSpec.self)
        text += section("training", TrainingSpec.self)
        text += section("training.clip", ClipSpec.self)
        text += section("training.early_stopping", EarlyStoppingSpec.self)
        text += section("training.checkpoints", CheckpointSpec.self)
        text += "## Optimizers\n\n" + kinds(OptimizerCatalog.standard)
        text += section("generate", GenerateSpec.self)
        return text
    }

    /// A kind of a catalog as `--json` tells it.
    static func record<Element>(of kind: Catalog<Element>.Kind) -> ConfigValue {
        [
            "type": .string(kind.type), "aliases": .list(kind.aliases.map(ConfigValue.string)),
            "summary": .string(kind.summary),
            "fields": .list(
                kind.fields.map { field in
                    [
                        "key": .string(field.key), "type": .string(field.typeName),
                        "rule": field.rule.config, "required": .bool(field.isRequired),
                        "default": field.defaultValue, "doc": .string(field.doc),
                    ]
                }),
        ]
    }

    private static func kinds<Element>(_ catalog: Catalog<Element>) -> String {
        catalog.kinds.map { kind in
            let also =
                kind.aliases.isEmpty
                ? ""
                : "Also accepted: " + kind.aliases.map { "`\($0)`" }.joined(separator: ", ")
                    + ".\n\n"
            return "### `\(kind.type)`\n\n\(kind.summary)\n\n\(also)"
                + MarkdownTable.fields(kind.fields) + "\n"
        }.joined()
    }

    private static func section<Spec: Configurable>(_ key: String, _ type: Spec.Type) -> String {
        section("`\(key)`", type.schema.summary, type.describe())
    }

    private static func section(
        _ title: String, _ summary: String, _ fields: [FieldDescription]
    ) -> String {
        "## \(title)\n\n\(summary)\n\n" + MarkdownTable.fields(fields) + "\n"
    }
}
