package import StrataFormats

/// Everything that a run needs to go on, read from a checkpoint file, unless its reader kept only what
/// ``servesInference(_:metadata:)``.
///
/// Tensors: `layer.parameter`; `optimizer.m.…` and `optimizer.v.…`; `state.layer.name` [B, H].
package struct Snapshot {
    package var facts: CheckpointFacts
    package var tensors: [TensorEntry]

    /// Whether a file says that it is a checkpoint, of whatever version.
    package static func isCheckpoint(_ file: Safetensors) -> Bool { isCheckpoint(file.metadata) }

    private static func isCheckpoint(_ metadata: [String: String]) -> Bool {
        metadata[CheckpointFacts.Key.format.rawValue] != nil
    }

    /// Whether whoever uses a network and does not train it needs a tensor of a file.
    ///
    /// Moments and carried states, which are most of a checkpoint, serve training alone. Nothing is
    /// said of the tensors of other files.
    package static func servesInference(_ name: String, metadata: [String: String]) -> Bool {
        guard isCheckpoint(metadata) else { return true }
        return !(momentNames + [statePrefix]).contains { prefix in
            // Neither the names of layers nor those of parameters have dots, so that this is no
            // parameter, even of a layer that is named 'optimizer' or 'state'.
            name.utf8.starts(with: prefix.utf8)
                && name.utf8.dropFirst(prefix.utf8.count).contains(UInt8(ascii: "."))
        }
    }

    /// Reads what inference needs of a checkpoint or saved network.
    ///
    /// - Throws: `FormatError`, for a file of another program before its data are read.
    package static func contents(of path: String) throws(FormatError) -> Safetensors {
        try Safetensors(
            reading: path, layer: SystemFileLayer(), memoryLimit: memoryLimit,
            keeping: servesInference, checking: refuseForeign)
    }

    /// While a network is made, each parameter is there twice.
    package static var memoryLimit: Int { SystemMemory.available / 2 }

    /// Damage to a file of Strata leaves some of its keys, so that it is told from the checksum.
    package static func refuseForeign(_ metadata: [String: String]) throws(FormatError) {
        guard !metadata.keys.contains(where: { $0.hasPrefix("strata.") }) else { return }
        throw FormatError(
            .contentInvalid,
            "this is no file of Strata: no key of its metadata begins with 'strata.'",
            hint: "name a checkpoint of a run, or a saved network")
    }

    /// Takes a checkpoint file's contents.
    ///
    /// - Throws: `FormatError` where the metadata are absent, of a newer version or unreadable.
    package init(_ file: Safetensors, path: String) throws(FormatError) {
        facts = try CheckpointFacts(file, path: path)
        tensors = file.tensors
    }
}
