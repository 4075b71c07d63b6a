import ArgumentParser
import Foundation
import Logging
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining
import StrataYAML

/// A configuration file and its overrides, as most verbs take them.
struct ConfigOptions: ParsableArguments {
    @Argument(help: "The YAML file; - reads standard input.")
    var config: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Override a setting: training.epochs=1. May be repeated.", valueName: "path=value"))
    var overrides: [String] = []

    /// A file that was read and decoded.
    struct Loaded {
        var spec: ModelSpec
        var texts: SourceTexts

        /// Reads and decodes a file.
        init(path: String, overrides: [String] = []) throws {
            let document = try YAML.load(path: path, overrides: overrides)
            self.init(
                spec: try ModelSpec(document.root, texts: document.texts), texts: document.texts)
        }

        init(spec: ModelSpec, texts: SourceTexts) {
            self.spec = spec
            self.texts = texts
        }

        /// Compiles and plans what the file describes.
        func inspection() throws -> Inspection {
            try Inspection(spec, data: try dataset(), texts: texts)
        }

        /// Reads the data that the file names.
        func dataset() throws -> TokenDataset {
            guard let data = spec.data else {
                throw ConfigurationError(
                    [
                        Diagnostic(
                            .missingKey, path: ["data"], "the file needs the setting 'data'",
                            hint: "for example  data: {type: text, path: book.txt}")
                    ], texts: texts)
            }
            do {
                return try data.source.load(relativeTo: "")
            } catch {
                throw Failure(error, texts: texts)
            }
        }
    }

    /// Reads and decodes the file.
    func load() throws -> Loaded {
        try Loaded(path: config, overrides: overrides)
    }
}

/// The number of worker threads.
struct ThreadOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Worker threads at most; the result does not depend on it. Default: all cores.")
    var threads: Int?

    private static let range = 1...1024

    private static let cores = min(
        ProcessInfo.processInfo.activeProcessorCount, range.upperBound)

    var count: Int { threads ?? Self.cores }

    /// As many of some threads as there are cores: more would only wait for each other.
    static func useful(_ count: Int) -> Int { min(count, cores) }

    func validate() throws { try Self.check(count) }

    /// Refuses numbers that no machine has.
    static func check(_ count: Int) throws {
        guard range.contains(count) else {
            throw ValidationError("--threads must be from 1 to 1024")
        }
    }
}

extension TrainedModel {
    /// Reads a run's folder, or one checkpoint file.
    static func read(_ path: String) throws -> TrainedModel {
        path.hasSuffix(".safetensors")
            ? try TrainedModel(checkpoint: path, logger: .messages)
            : try TrainedModel(run: RunPath.toRead(path), logger: .messages)
    }
}

/// A run folder as a path.
enum RunPath {
    /// The folder to train in: the one that was asked for, or that of the run's name.
    static func toWrite(_ path: String?, name: String) throws -> RunFolder {
        let folder = try path.map { RunFolder(path: $0) } ?? RunFolder(name: name)
        try check(folder.path, else: .cannotCreate)
        return folder
    }

    /// The folder of a run that there must be.
    static func toRead(_ path: String) throws -> RunFolder {
        try check(path, else: .inputMissing)
        guard !FileManager.default.fileExists(atPath: path) else { return RunFolder(path: path) }
        let named = "runs/" + path
        let isNamed = FileManager.default.fileExists(atPath: named)
        throw Failure(
            "\(path): error: there is no such folder\n    "
                + (isNamed
                    ? "did you mean '\(named)'?" : "train it first: netrun CONFIG.yaml"),
            .inputMissing)
    }

    /// Refuses an argument that names nothing, before the work of its verb begins.
    static func check(argument path: String) throws {
        guard path.isEmpty else { return }
        throw ValidationError("the run's folder is an empty path")
    }

    private static func check(_ path: String, else code: ExitCode) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
        {
            throw Failure(
                "\(path): error: this is a file, not a run's folder\n"
                    + "    a run's folder is runs/NAME; a checkpoint's name ends in .safetensors",
                code)
        }
    }
}
