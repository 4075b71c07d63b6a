internal import StrataSchema

/// A safetensors file that is about to be written: its head with the checksum, and its tensors.
///
/// Making one reads all tensors once, for the checksum; each file written reads them once more.
/// They must not change in between.
package struct SafetensorsWriter: Sendable {
    /// Where the data of a written file start is a multiple of this many bytes.
    static let alignment = 64
    /// The most bytes of names, shapes and metadata.
    package static let headerLimit = SafetensorsHeader.lengthLimit

    /// The head, then each tensor's bytes.
    let streams: [ByteStream]

    /// Makes the head.
    ///
    /// Metadata under Strata's own keys `strata.checksum` and `strata.format` are replaced.
    /// - Throws: ``FormatError`` `.duplicateName` or `.headerTooLarge`.
    package init(
        tensors: [TensorStream], metadata: [String: String]
    ) throws(FormatError) {
        var names: Set<String> = ["__metadata__"]
        for tensor in tensors where !names.insert(tensor.name).inserted {
            throw FormatError(
                .duplicateName,
                tensor.name == "__metadata__"
                    ? "no tensor may be named '__metadata__'"
                    : "two tensors are named '\(tensor.name.shown)'")
        }
        var json = Array(Self.header(tensors, metadata).json().utf8)
        let unpadded = SafetensorsHeader.prefixSize + json.count
        let padding = (Self.alignment - unpadded % Self.alignment) % Self.alignment
        json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padding))
        guard json.count <= SafetensorsHeader.lengthLimit else {
            throw FormatError(
                .headerTooLarge,
                "the header takes \(json.count) bytes; at most \(SafetensorsHeader.lengthLimit) "
                    + "are allowed",
                hint: "keep large texts in a tensor of type U8")
        }
        var head = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> ($0 * 8)) }
        head.append(contentsOf: json)
        let data = tensors.map(\.bytes)
        SafetensorsSeal.seal(&head, data: data)
        streams = [ByteStream(head[...])] + data
    }

    /// Writes a file, whole or not at all.
    ///
    /// - Throws: ``FormatError`` `.cannotCreate` and `.writeFailed` with the old file still in place.
    package func write(
        to path: String, layer: any FileLayer = SystemFileLayer()
    ) throws(FormatError) {
        try AtomicFile.write(streams, to: path, layer: layer)
    }

    /// Writes the bytes of a file that does not replace its target yet.
    func begin(to path: String, layer: any FileLayer) throws(FormatError) -> UnfinishedFile {
        try AtomicFile.begin(streams, to: path, layer: layer)
    }

    private static func header(
        _ tensors: [TensorStream], _ metadata: [String: String]
    ) -> ConfigValue {
        // The checksum has a fixed place, the first; the version stands far from it, as the last.
        let (first, last) = (SafetensorsSeal.checksumKey, SafetensorsSeal.versionKey)
        let own = [first, last]
        var texts = [ConfigValue.Pair(first, .string(SafetensorsSeal.blank))]
        for (key, text) in metadata.sorted(by: { $0.key < $1.key }) where !own.contains(key) {
            texts.append(.init(key, .string(text)))
        }
        texts.append(.init(last, .string(String(SafetensorsSeal.version))))
        var pairs: [ConfigValue.Pair] = [.init("__metadata__", .map(texts))]
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.bytes.count
            pairs.append(
                .init(
                    tensor.name,
                    [
                        "dtype": .string(tensor.type.rawValue),
                        "shape": .list(tensor.shape.map { .int($0) }),
                        "data_offsets": [.int(offset), .int(end)],
                    ]))
            offset = end
        }
        return .map(pairs)
    }
}
