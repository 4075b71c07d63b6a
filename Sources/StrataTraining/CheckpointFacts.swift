package import StrataData
package import StrataFormats
package import StrataGraph
import StrataSchema

/// What a checkpoint says besides its tensors; the file's metadata.
package struct CheckpointFacts: Sendable {
    /// The metadata's keys.
    package enum Key: String {
        case format = "strata.checkpoint"
        case spec = "strata.spec"
        case progress = "strata.progress"
        case vocabulary = "strata.vocabulary"
        case fingerprint = "strata.data"
        case kernels = "strata.kernels"
        case precision = "strata.precision"
    }

    /// The version of the layout that this code writes.
    package static let formatVersion = "1"

    /// What the run knows besides the tensors.
    package struct Progress: Hashable, Sendable {
        package var position = Trainer.Position()
        /// The validation losses so far.
        package var validation = ValidationRecord()
        /// The updates after which the last evaluation was reported.
        package var reportedStep = 0
        /// Whether early stopping ended the run.
        package var isStopped = false
        package init() {}
    }

    package var spec: ModelSpec
    package var progress: Progress
    package var vocabulary: Vocabulary?
    package var fingerprint: String
    package var kernels: String
    /// The precision that was used, not the one that was asked for.
    package var precision: Precision
}

// MARK: Between facts and a file

extension CheckpointFacts {
    /// The file's metadata: the keys of ``Key``; specification, progress and vocabulary are JSON.
    package var metadata: [String: String] {
        var metadata: [String: String] = [
            Key.format.rawValue: Self.formatVersion,
            Key.spec.rawValue: spec.config.json(),
            Key.progress.rawValue: progress.config.json(),
            Key.fingerprint.rawValue: fingerprint,
            Key.kernels.rawValue: kernels,
            Key.precision.rawValue: precision.rawValue,
        ]
        if let vocabulary { metadata[Key.vocabulary.rawValue] = vocabulary.config.json() }
        return metadata
    }

    /// Reads a checkpoint file's metadata.
    ///
    /// - Throws: `FormatError` where the metadata are absent, of a newer version or unreadable.
    package init(_ file: Safetensors, path: String) throws(FormatError) {
        let version = file.metadata[Key.format.rawValue]
        guard version == Self.formatVersion else {
            throw version == nil
                ? FormatError(
                    .contentInvalid,
                    "the file is no checkpoint of Strata: '\(Key.format.rawValue)' is absent",
                    path: path)
                : FormatError(
                    .newerVersion,
                    "the checkpoint has the format \((version ?? "").shown), newer than this program's",
                    path: path, hint: "use the version of Strata that wrote it, or a newer one")
        }
        let specValue = try Self.json(.spec, in: file, path: path)
        do {
            spec = try ModelSpec(specValue.node)
        } catch {
            throw FormatError(
                .contentInvalid, "the checkpoint's specification is not valid: \(error)", path: path
            )
        }
        progress = try Progress(Self.json(.progress, in: file, path: path), path: path)
        if file.metadata[Key.vocabulary.rawValue] != nil {
            let value = try Self.json(.vocabulary, in: file, path: path)
            do {
                vocabulary = try Vocabulary(config: value)
            } catch {
                throw FormatError(.contentInvalid, error.message, path: path)
            }
        }
        fingerprint = file.metadata[Key.fingerprint.rawValue] ?? ""
        kernels = file.metadata[Key.kernels.rawValue] ?? ""
        precision = try Self.precision(in: file, path: path)
    }

    private static func precision(in file: Safetensors, path: String) throws(FormatError)
        -> Precision
    {
        // Before there was a choice, all was in float32.
        guard let name = file.metadata[Key.precision.rawValue] else { return .float32 }
        guard let precision = Precision(rawValue: name) else {
            throw FormatError(
                .contentInvalid, "the checkpoint has the unknown precision '\(name.shown)'",
                path: path)
        }
        return precision
    }

    private static func json(_ key: Key, in file: Safetensors, path: String) throws(FormatError)
        -> ConfigValue
    {
        guard let text = file.metadata[key.rawValue] else {
            throw FormatError(
                .contentInvalid, "the checkpoint lacks its '\(key.rawValue)'", path: path)
        }
        do {
            return try JSONReader.read(text)
        } catch {
            throw FormatError(
                .contentInvalid, "the checkpoint's '\(key.rawValue)' is not JSON: \(error.message)",
                path: path)
        }
    }
}

extension CheckpointFacts.Progress {
    fileprivate var config: ConfigValue {
        [
            "step": .int(position.step), "epoch": .int(position.epoch),
            "window": .int(position.window), "loss_sum": .double(position.lossSum),
            "row_count": .int(position.rowCount), "reported_step": .int(reportedStep),
            "best_epoch": .int(validation.bestEpoch),
            "best_loss": validation.bestLoss.map(ConfigValue.double) ?? .null,
            "reference_epoch": .int(validation.referenceEpoch),
            "reference_loss": validation.referenceLoss.map(ConfigValue.double) ?? .null,
            "is_stopped": .bool(isStopped),
        ]
    }

    fileprivate init(_ value: ConfigValue, path: String) throws(FormatError) {
        func integer(_ key: String) throws(FormatError) -> Int {
            // No run comes near the limit; sums beyond it would overflow.
            guard case .int(let number) = value[key], (0..<(1 << 48)).contains(number) else {
                throw FormatError(
                    .contentInvalid, "the checkpoint's progress lacks a sensible '\(key)'",
                    path: path)
            }
            return number
        }
        self.init()
        position.step = try integer("step")
        position.epoch = try integer("epoch")
        position.window = try integer("window")
        position.rowCount = try integer("row_count")
        position.lossSum = value["loss_sum"]?.number ?? 0
        reportedStep = try integer("reported_step")
        validation.bestEpoch = try integer("best_epoch")
        validation.bestLoss = value["best_loss"]?.number
        // Before there were two comparisons, patience counted from the best.
        let hasReference = value["reference_epoch"] != nil
        validation.referenceEpoch =
            hasReference ? try integer("reference_epoch") : validation.bestEpoch
        validation.referenceLoss =
            hasReference ? value["reference_loss"]?.number : validation.bestLoss
        isStopped = value["is_stopped"] == .bool(true)
    }
}
