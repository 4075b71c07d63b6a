public import Logging
import StrataData
import StrataFormats
import StrataGraph
import StrataSchema
public import StrataTraining
import StrataYAML

/// The metadata of a saved network; every value is a text.
private enum FileKey {
    /// The version of this layout.
    static let version = "strata.network"
    /// The network as YAML.
    static let yaml = "strata.yaml"
    /// What it reads and answers, as JSON.
    static let input = "strata.input"
    static let target = "strata.target"
    /// What its tokens mean, as JSON; absent without a text.
    static let vocabulary = "strata.vocabulary"

    static let currentVersion = "1"
}

extension TrainedNetwork {
    /// Writes the network to one safetensors file, whole or not at all.
    ///
    /// The tensors are named `layer.parameter`; the metadata hold the network as YAML, the shapes
    /// of its data and its vocabulary.
    ///
    /// - Throws: ``TrainingError``: `.file` where the file cannot be written, `.configuration` where
    ///   its vocabulary is too large for one; an older file at the path is then still there.
    public func save(to path: String) throws(TrainingError) {
        if let vocabulary {
            do { try HeaderCheck.vocabulary(vocabulary, of: model.graph) } catch {
                throw .configuration(error)
            }
        }
        var metadata = [
            FileKey.version: FileKey.currentVersion,
            FileKey.yaml: network.yaml,
            FileKey.input: input.config.json(),
            FileKey.target: target.config.json(),
        ]
        if let vocabulary { metadata[FileKey.vocabulary] = vocabulary.config.json() }
        do {
            let tensors = try model.parameters.streams()
            try SafetensorsWriter(tensors: tensors, metadata: metadata).write(to: path)
        } catch {
            throw .file(error.at(path: path))
        }
    }

    /// Reads a network that ``save(to:)`` wrote, or a checkpoint of a run.
    ///
    /// It computes in the precision that the file names; of a checkpoint that is the one that was used,
    /// which may be another than the run's settings asked for.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - expected: the network that the file must hold; nil: any. Names, seeds and training
    ///     settings may differ.
    ///   - logger: told where the file has no checksum, so that damage would not show; nil: nobody
    ///     is.
    /// - Throws: ``TrainingError``: `.file` where the file is missing, damaged or not a saved
    ///   network, with what differs layer by layer; `.mismatch` where another network was
    ///   expected, with every setting that differs.
    public convenience init(
        loading path: String, expecting expected: Network? = nil,
        logger: Logger? = nil
    ) throws(TrainingError) {
        let file: NetworkFile
        do throws(FormatError) {
            let contents = try Snapshot.contents(of: path)
            file =
                Snapshot.isCheckpoint(contents)
                ? try NetworkFile(Snapshot(contents, path: path)) : try NetworkFile(contents)
            if !contents.isVerified { logger?.warnOfMissingSeal(path: path) }
        } catch {
            throw .file(error.at(path: path))
        }
        if let expected {
            let differences = SpecDifference.lines(
                before: file.network.spec.network.config, now: expected.spec.network.config)
            guard differences.isEmpty else {
                throw .mismatch(
                    "the network in \(path) is not the expected one: "
                        + differences.joined(separator: "; "),
                    hint: "change the expected network, or train and save it again")
            }
        }
        let graph: Graph
        do throws(ConfigurationError) {
            try file.network.validate()
            graph = try Model.graph(
                compiling: file.network, input: file.input, target: file.target)
        } catch {
            throw .configuration(error)
        }
        let model = try Model(
            graph: graph, precision: file.network.spec.training.precision,
            parameters: file.parameters(of: graph), path: path)
        self.init(
            network: file.network, model: model, input: file.input, target: file.target,
            vocabulary: file.vocabulary)
    }
}

/// The checked contents of a saved network, or of a run's checkpoint.
private struct NetworkFile {
    private(set) var network: Network
    let input: TensorSpec
    let target: TargetSpec
    let vocabulary: Vocabulary?
    private let contents: Contents

    private enum Contents {
        case network(Safetensors)
        case checkpoint(Snapshot)
    }

    /// Takes what a run saved; such networks read tokens and answer with the next.
    init(_ snapshot: Snapshot) throws(FormatError) {
        guard let vocabulary = snapshot.facts.vocabulary else {
            throw FormatError(.contentInvalid, "the checkpoint has no vocabulary")
        }
        network = Network(spec: snapshot.facts.spec)
        // What was asked for may not be what was used.
        network.spec.training.precision = snapshot.facts.precision
        input = TensorSpec(features: vocabulary.count, values: .tokens)
        target = .classes(vocabulary.count)
        self.vocabulary = vocabulary
        contents = .checkpoint(snapshot)
    }

    init(_ file: Safetensors) throws(FormatError) {
        contents = .network(file)
        let version = file.metadata[FileKey.version]
        guard version == FileKey.currentVersion else {
            throw version == nil
                ? FormatError(
                    .contentInvalid, "is no saved network: '\(FileKey.version)' is absent")
                : FormatError(
                    .newerVersion,
                    "was saved by a newer version of Strata (\((version ?? "").shown))",
                    hint: "update Strata")
        }
        let yaml = try Self.text(FileKey.yaml, file)
        do {
            network = try Network(yamlText: yaml)
        } catch {
            throw FormatError(.contentInvalid, "its network is not valid: \(error)")
        }
        guard let input = TensorSpec(config: try Self.json(FileKey.input, file)),
            let target = TargetSpec(config: try Self.json(FileKey.target, file))
        else { throw FormatError(.contentInvalid, "the shapes of its data are not valid") }
        self.input = input
        self.target = target
        guard file.metadata[FileKey.vocabulary] != nil else {
            vocabulary = nil
            return
        }
        let tokens = try Self.json(FileKey.vocabulary, file)
        do { vocabulary = try Vocabulary(config: tokens) } catch {
            throw FormatError(.contentInvalid, error.message)
        }
        guard input == TensorSpec(features: vocabulary?.count ?? 0, values: .tokens) else {
            throw FormatError(.contentInvalid, "its vocabulary is not what the network reads")
        }
    }

    /// The tensors that should be the network's parameters.
    func parameters(of graph: Graph) -> [TensorEntry] {
        switch contents {
        case .checkpoint(let snapshot): snapshot.parameters(of: graph)
        case .network(let file): file.tensors
        }
    }

    private static func text(_ key: String, _ file: Safetensors) throws(FormatError) -> String {
        guard let text = file.metadata[key] else {
            throw FormatError(.contentInvalid, "lacks '\(key)' in its metadata")
        }
        return text
    }

    private static func json(_ key: String, _ file: Safetensors) throws(FormatError) -> ConfigValue
    {
        let text = try text(key, file)
        do { return try JSONReader.read(text) } catch {
            throw FormatError(.contentInvalid, "'\(key)' is not JSON: \(error.message)")
        }
    }
}

// MARK: Shapes

extension ConfigValue {
    /// A size within what layers and data may have, or nil.
    fileprivate var size: Int? {
        guard case .int(let size) = self, (1...Vocabulary.largestCount).contains(size) else {
            return nil
        }
        return size
    }
}

extension TensorSpec {
    fileprivate var config: ConfigValue {
        [
            "features": .int(features), "is_sequence": .bool(isSequence),
            "values": values == .tokens ? "tokens" : "real",
        ]
    }

    fileprivate init?(config: ConfigValue) {
        guard let features = config["features"]?.size,
            case .bool(let isSequence)? = config["is_sequence"],
            let values = [Values.real: "real", .tokens: "tokens"].first(where: {
                .string($0.value) == config["values"]
            })
        else { return nil }
        self.init(features: features, isSequence: isSequence, values: values.key)
    }
}

extension TargetSpec {
    fileprivate var config: ConfigValue {
        switch self {
        case .classes(let count): ["classes": .int(count)]
        case .values(let count): ["values": .int(count)]
        }
    }

    fileprivate init?(config: ConfigValue) {
        if let count = config["classes"]?.size {
            self = .classes(count)
        } else if let count = config["values"]?.size {
            self = .values(count)
        } else {
            return nil
        }
    }
}
