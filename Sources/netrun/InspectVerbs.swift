import ArgumentParser
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining
import StrataYAML

/// `netrun check CONFIG`: finds mistakes without training.
struct CheckVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Find mistakes of a file without training.",
        discussion: """
            netrun check net.yaml --set training.epochs=1

            Mistakes of settings and wiring are told all at once, of the data and of shapes the
            first.
            """)

    @OptionGroup var options: ConfigOptions
    @Flag(help: "Print one JSON object: ok, and the mistakes with their places.")
    var json = false

    func run() throws {
        do {
            let (layers, parameters) = try reportingFailures {
                let loaded = try options.load()
                return (
                    loaded.spec.network.layers.count, try loaded.inspection().graph.parameterCount
                )
            }
            Console.product(
                json
                    ? record(layers: layers, parameters: parameters)
                    : "\(options.config): ok, \(layers.counted("layer")), "
                        + "\(parameters.counted("parameter"))\n")
        } catch let failure as Failure where json {
            Console.product(record(failure: failure))
            throw Failure("", failure.code)
        }
    }

    private func record(
        layers: Int? = nil, parameters: Int? = nil, failure: Failure? = nil
    ) -> String {
        let record: ConfigValue = [
            "ok": .bool(failure == nil), "layers": layers.config, "parameters": parameters.config,
            "diagnostics": .list(failure?.findings.map(\.record) ?? []),
            "omitted": .int(failure?.omitted ?? 0),
        ]
        return record.json(indentation: 2) + "\n"
    }
}

/// `netrun show CONFIG`: the file with every default written out.
struct ShowVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a file with every default written out, as YAML.")

    @OptionGroup var options: ConfigOptions
    @Flag(help: "Print JSON instead of YAML.")
    var json = false

    func run() throws {
        try reportingFailures {
            // Absolute paths mean the same wherever the text is put.
            let config = try options.load().spec.resolvingPaths().config
            Console.product(json ? config.json(indentation: 2) + "\n" : YAML.emit(config))
        }
    }
}

/// `netrun plan CONFIG`: the commands, memory and cost of one training step.
struct PlanVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Print the commands, memory and cost of one training step.",
        discussion: """
            netrun plan net.yaml --set data.batch_size=1 --threads 64

            With --threads steps are predicted for up to as many workers, whether or not this
            machine has so many cores; a run takes no more workers than there are cores.
            """)

    @OptionGroup var options: ConfigOptions
    @OptionGroup var threads: ThreadOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reportingFailures {
            let loaded = try options.load()
            let inspection = try loaded.inspection()
            let report = try PlanReport(inspection, spec: loaded.spec, limit: threads.count)
            if json {
                Console.product(report.record.json(indentation: 2) + "\n")
                return
            }
            Console.product(
                layers(of: inspection.graph) + "\n" + inspection.plan.description
                    + "checked: written before read, no live buffers overlap, barriers in place\n")
            Console.product("\n" + report.text)
        }
    }

    private func layers(of graph: Graph) -> String {
        var text = "layer                    type             output               parameters\n"
        for node in graph.nodes {
            let type = Swift.type(of: node.layer).type
            text += node.name.padding(to: 24) + " " + type.padding(to: 16) + " "
            text += node.plan.output.description.padding(to: 20)
            text += " \(node.plan.parameterCount)\n"
            for name in node.fused { text += "  with \(name)\n" }
        }
        return text
    }
}

/// `netrun layers [TYPE]`: the reference of layers.
struct LayersVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layers", abstract: "List the layers, or the settings of one.")

    @Argument(help: "A layer's type.")
    var type: String?

    @Flag(help: "Print the whole reference as Markdown (Docs/Layers.md).")
    var markdown = false
    @Flag(help: "Print all layers, or one, with their settings as one JSON object.")
    var json = false

    func validate() throws {
        if markdown, json || type != nil {
            throw ValidationError("--markdown prints the whole reference, and stands alone")
        }
    }

    func run() throws {
        if markdown {
            Console.product(Reference.markdown)
            return
        }
        let catalog = LayerCatalog.standard
        guard let type else {
            if json {
                let record: ConfigValue = [
                    "layers": .list(catalog.kinds.map(Reference.record(of:)))
                ]
                Console.product(record.json(indentation: 2) + "\n")
                return
            }
            for kind in catalog.kinds {
                Console.product(kind.type.padding(to: 14) + " " + kind.summary + "\n")
            }
            return
        }
        guard let kind = catalog.kind(named: type) else {
            let hint = Suggestion.hint(for: type, among: catalog.kinds.map(\.type)) ?? ""
            throw Failure("error: there is no layer type '\(type)'; \(hint)", .usage)
        }
        if json {
            Console.product(Reference.record(of: kind).json(indentation: 2) + "\n")
            return
        }
        Console.product("\(kind.type): \(kind.summary)\n\n")
        for field in kind.fields {
            let value = field.defaultValue == .null ? "unset" : field.defaultValue.json()
            Console.product("  \(field.key): \(value)\n      \(field.doc)\n")
            let rule = field.rule.map { ", \($0)" } ?? ""
            Console.product("      (\(field.typeName)\(rule))\n")
        }
    }
}

/// `netrun schema`: the JSON Schema of the format.
struct SchemaVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the format's JSON Schema, for editors.")

    func run() { Console.product(ModelSpec.jsonSchema.json(indentation: 2) + "\n") }
}
