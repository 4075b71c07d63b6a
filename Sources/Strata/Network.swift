public import StrataGraph
public import StrataSchema
public import StrataTraining
import StrataYAML

/// A network of named layers with its training settings: written in Swift, or read from YAML.
///
///     let network = Network("xor", seed: 1) {
///         Dense(units: 4, activation: .tanh)
///         Output(activation: .sigmoid, loss: .binaryCrossEntropy)
///     }
///
/// A network is a plain value. What is wrong with it is said by ``validate()``, and by everything
/// that trains it.
public struct Network: Sendable {
    /// Everything that the network's YAML says.
    public var spec: ModelSpec {
        // A changed setting is no longer what stands in the file.
        didSet { texts.settings = nil }
    }
    /// The texts to quote in messages.
    package var texts: SourceTexts

    /// Wraps a specification.
    public init(spec: ModelSpec) {
        self.spec = spec
        texts = SourceTexts()
    }

    /// Creates a network of layers, each of which reads the one before it.
    ///
    /// A layer without a name gets its type and its place, counted from 1: `lstm1`, `dense2`.
    ///
    /// - Parameters:
    ///   - name: the network's name: letters, digits, `.`, `_` and `-`.
    ///   - seed: what all random numbers follow from.
    ///   - training: how it is trained.
    ///   - layers: the layers.
    public init(
        _ name: String = "network", seed: UInt64 = 1, training: TrainingSpec = TrainingSpec(),
        @NetworkBuilder layers: () -> NetworkSpec
    ) {
        self.init(
            spec: ModelSpec(name: name, seed: seed, network: layers(), training: training))
    }

    /// The layers in the order of their default wiring.
    public var layers: [LayerSpec] {
        get { spec.network.layers }
        set { spec.network.layers = newValue }
    }

    /// Checks all settings, as reading the network's YAML would, and that no two layers have one name.
    ///
    /// Whether the layers fit each other shows once the data are known, when training starts.
    ///
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    public func validate() throws(ConfigurationError) {
        _ = try ModelSpec(spec.config.node, texts: texts)
        let repeated = spec.network.repeatedNames()
        guard repeated.isEmpty else { throw ConfigurationError(repeated, texts: texts) }
    }
}

extension Network: Equatable {
    /// Whether both have the same layers and settings; the place of a file does not count.
    public static func == (a: Network, b: Network) -> Bool { a.spec == b.spec }
}

// MARK: YAML

extension Network {
    /// Reads a YAML file, the files that it extends, and overrides.
    ///
    /// Relative paths of data start from the folder of the file that they stand in, those of overrides
    /// from the working folder.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - overrides: settings such as `training.epochs=3`, applied in order.
    /// - Throws: ``ConfigurationError`` with the mistakes that it finds, a hundred at most, each with its place and a remedy.
    public init(yaml path: String, overrides: [String] = []) throws(ConfigurationError) {
        try self.init(try YAML.load(path: path, overrides: overrides))
    }

    /// Reads a YAML text.
    ///
    /// - Throws: ``ConfigurationError`` with the mistakes that it finds, a hundred at most, each with its place and a remedy.
    public init(yamlText text: String) throws(ConfigurationError) {
        try self.init(try YAML.parse(text, file: "YAML"))
    }

    private init(_ document: YAMLDocument) throws(ConfigurationError) {
        spec = try ModelSpec(document.root, texts: document.texts)
        texts = document.texts
    }

    /// The network as YAML with every setting; reading it gives an equal network.
    public var yaml: String { YAML.emit(spec.config) }
}

// MARK: Training settings

extension Network {
    /// The network with other training settings: `.settings { $0.clip.norm = 5 }`.
    public func settings(_ change: (inout TrainingSpec) -> Void) -> Network {
        var network = self
        change(&network.spec.training)
        return network
    }

    /// The network trained with another optimizer.
    public func optimizer(_ optimizer: some Optimizer) -> Network {
        settings { $0.optimizer = OptimizerSpec(optimizer) }
    }

    /// The network trained for a number of passes over the data.
    public func epochs(_ count: Int) -> Network {
        settings { $0.epochs = count }
    }
}
