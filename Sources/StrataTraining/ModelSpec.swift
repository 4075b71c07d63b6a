public import StrataData
import StrataFormats
public import StrataGraph
import StrataLayers
public import StrataSchema

/// Everything that a YAML file says: data, network, training and sampling.
public struct ModelSpec: Sendable, Equatable {
    /// The version of the file format that this code writes.
    public static let formatVersion = 1

    /// The run's name, which names its folder.
    public var name: String
    /// What all random numbers follow from.
    public var seed: UInt64
    /// Where training data come from; nil: given in Swift.
    public var data: DataSpec?
    /// The layers.
    public var network: NetworkSpec
    /// How it is trained.
    public var training: TrainingSpec
    /// The sample that a run prints.
    public var generate: GenerateSpec

    /// Creates a spec.
    public init(
        name: String = "network", seed: UInt64 = 1, data: DataSpec? = nil, network: NetworkSpec,
        training: TrainingSpec = TrainingSpec(), generate: GenerateSpec = GenerateSpec()
    ) {
        self.name = name
        self.seed = seed
        self.data = data
        self.network = network
        self.training = training
        self.generate = generate
    }

    /// The keys besides `network`, which needs the layer catalog.
    struct Head: Configurable {
        var spec = ModelSpec.formatVersion
        var name = "network"
        var seed: UInt64 = 1
        var data: DataSpec?
        var training = TrainingSpec()
        var generate = GenerateSpec()

        static let schema = Schema<Self>(
            "A network, its data and its training.",
            [
                .init(
                    "spec", \.spec,
                    .init("1, the version that this program reads", json: [.init("const", 1)]) {
                        $0 == ModelSpec.formatVersion
                    }, doc: "The version of the file format."),
                .init(
                    "name", \.name,
                    .init(
                        "a folder's name: letters, digits, '.', '_' and '-', at most 100, not "
                            + "ending in .safetensors"
                    ) { RunFolder.isValidName($0) }, doc: "The run's name, which names its folder."),
                .init("seed", \.seed, doc: "What all random numbers follow from."),
                .init("data", \.data, doc: "Where training data come from."),
                .init("training", \.training, doc: "How the network is trained."),
                .init("generate", \.generate, doc: "The sample that a run prints."),
            ])
    }

    /// Reads a file's root, noting everything that is wrong.
    ///
    /// Paths of data become relative to the working folder.
    ///
    /// - Throws: ``ConfigurationError`` with all mistakes.
    public init(_ root: ConfigNode, texts: SourceTexts = SourceTexts()) throws(ConfigurationError) {
        let root = Self.rebasingPaths(root)
        var context = DecodingContext()
        let head = Head.decode(
            root, &context, ignoring: ["network", "extends"], subject: "the file", defaults: [])
        if let extends = root.entries?.first(where: { $0.key == "extends" }) {
            context.report(
                .conflict, "only a file can say 'extends'", at: extends.keyLocation)
        }
        var network: NetworkSpec?
        if let node = root["network"] {
            network = context.descend(into: "network") {
                NetworkSpec.decode(node, &$0, catalog: LayerCatalog.standard)
            }
        } else if root.entries != nil {
            context.report(
                .missingKey, "the file needs the setting 'network'", at: root.location,
                hint: "for example  network: {layers: {lstm1: {type: lstm}}}")
        }
        try context.throwIfAny(texts: texts)
        guard let head, let network else {
            throw ConfigurationError(
                [Diagnostic(.syntax, "the file is not a mapping", at: root.location)], texts: texts)
        }
        self.init(
            name: head.name, seed: head.seed, data: head.data, network: network,
            training: head.training, generate: head.generate)
    }

    /// The value to write back, with every setting.
    public var config: ConfigValue {
        var pairs: [ConfigValue.Pair] = [
            .init("spec", .int(Self.formatVersion)), .init("name", .string(name)),
            .init("seed", seed.config),
        ]
        if let data { pairs.append(.init("data", data.config)) }
        pairs.append(.init("network", network.config))
        pairs.append(.init("training", training.config))
        pairs.append(.init("generate", generate.config))
        return .map(pairs)
    }
}
