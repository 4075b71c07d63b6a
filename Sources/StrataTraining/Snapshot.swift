package import StrataFormats

/// Everything that a run needs to go on, read from a checkpoint file.
///
/// Tensors: `layer.parameter`; `optimizer.m.…` and `optimizer.v.…`; `state.layer.name` [B, H].
package struct Snapshot {
    package var facts: CheckpointFacts
    package var tensors: [TensorEntry]

    /// Whether a file says that it is a checkpoint, of whatever version.
    package static func isCheckpoint(_ file: Safetensors) -> Bool {
        file.metadata[CheckpointFacts.Key.format.rawValue] != nil
    }

    /// Reads a checkpoint file's contents.
    ///
    /// - Throws: `FormatError` where the metadata are absent, of a newer version or unreadable.
    package init(_ file: Safetensors, path: String) throws(FormatError) {
        facts = try CheckpointFacts(file, path: path)
        tensors = file.tensors
    }
}
