internal import StrataSchema

extension Safetensors {
    /// Where the data of a written file start is a multiple of this many bytes.
    static let alignment = 64

    /// Writes a file, whole or not at all.
    ///
    /// The file at the path is replaced in one step once the new one is on the device. Metadata
    /// under Strata's own keys `strata.checksum` and `strata.format` are replaced.
    /// - Throws: ``FormatError``: `.duplicateName` and `.headerTooLarge` before anything is
    ///   written, `.cannotCreate` and `.writeFailed` with the old file still in place.
    public func write(to path: String) throws(FormatError) {
        try write(to: path, layer: SystemFileLayer())
    }

    package func write(to path: String, layer: any FileLayer) throws(FormatError) {
        let segments: [ArraySlice<UInt8>]
        do throws(FormatError) { segments = try self.segments() } catch {
            throw error.at(path: path)
        }
        try AtomicFile.write(segments, to: path, layer: layer)
    }

    /// The bytes of the file.
    ///
    /// - Throws: ``FormatError`` `.duplicateName` or `.headerTooLarge`.
    public func encoded() throws(FormatError) -> [UInt8] {
        let segments = try segments()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(segments.reduce(0) { $0 + $1.count })
        for segment in segments { bytes.append(contentsOf: segment) }
        return bytes
    }

    /// The head, then each tensor's bytes.
    private func segments() throws(FormatError) -> [ArraySlice<UInt8>] {
        var names: Set<String> = ["__metadata__"]
        for tensor in tensors where !names.insert(tensor.name).inserted {
            throw FormatError(
                .duplicateName,
                tensor.name == "__metadata__"
                    ? "no tensor may be named '__metadata__'"
                    : "two tensors are named '\(tensor.name)'")
        }
        var json = Array(header().json().utf8)
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
        return [head[...]] + data
    }

    private func header() -> ConfigValue {
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
