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
        text += "## Layers\n\n" + kinds(LayerCatalog.standard)
        text += "## Data\n\n" + kinds(DataCatalog.standard)
        text += "## Optimizers\n\n" + kinds(OptimizerCatalog.standard)
        text += section("training", TrainingSpec.self)
        text += section("training.clip", ClipSpec.self)
        text += section("training.early_stopping", EarlyStoppingSpec.self)
        text += section("training.checkpoints", CheckpointSpec.self)
        text += section("generate", GenerateSpec.self)
        return text
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
        "## `\(key)`\n\n\(type.schema.summary)\n\n" + MarkdownTable.fields(type.describe()) + "\n"
    }
}
