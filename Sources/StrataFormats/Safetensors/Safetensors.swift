/// The contents of a safetensors file: named tensors and free texts.
///
/// Any safetensors library reads what Strata writes. Strata adds a checksum over every byte, so
/// that it detects damage to its own files; files without one are accepted.
public struct Safetensors: Sendable {
    /// The tensors, in the order of their bytes in the file.
    public var tensors: [TensorEntry]
    /// Free texts by name, without Strata's own `strata.checksum` and `strata.format`.
    public var metadata: [String: String]
    /// Whether the contents were read from a file and matched its checksum.
    public let isVerified: Bool

    /// Creates contents to write.
    public init(tensors: [TensorEntry] = [], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
        isVerified = false
    }

    /// The tensor of a name, or nil.
    public subscript(_ name: String) -> TensorEntry? { tensors.first { $0.name == name } }
}

// MARK: Reading

extension Safetensors {
    /// Reads a file.
    ///
    /// Every rule of the format is checked before memory is taken for the data.
    /// - Throws: ``FormatError`` with the path and, where known, the byte that is wrong.
    public init(reading path: String) throws(FormatError) {
        try self.init(reading: path, layer: SystemFileLayer())
    }

    package init(
        reading path: String, layer: any FileLayer, memoryLimit: Int = SystemMemory.bytes
    ) throws(FormatError) {
        do throws(FormatError) {
            self = try layer.withFile(path) { (file, size) throws(FormatError) in
                try Safetensors(file, size: size, layer, memoryLimit: memoryLimit)
            }
        } catch {
            throw error.at(path: path)
        }
    }

    /// Reads a file's bytes.
    ///
    /// - Throws: ``FormatError`` without a path.
    public init(reading bytes: [UInt8]) throws(FormatError) {
        let prefix = bytes.prefix(SafetensorsHeader.prefixSize)
        let length = try SafetensorsHeader.length(prefix: prefix, fileSize: bytes.count)
        let dataStart = prefix.count + length
        let header = try SafetensorsHeader(
            json: bytes[prefix.count..<dataStart], dataSize: bytes.count - dataStart)
        try self.init(header, head: Array(bytes[..<dataStart]), data: bytes[dataStart...])
    }

    private init(
        _ file: OpenFile, size: Int, _ layer: any FileLayer, memoryLimit: Int
    ) throws(FormatError) {
        let prefix = try layer.contents(SafetensorsHeader.prefixSize, of: file)
        let length = try SafetensorsHeader.length(prefix: prefix[...], fileSize: size)
        let json = try layer.contents(length, of: file)
        let dataSize = size - prefix.count - length
        let header = try SafetensorsHeader(json: json[...], dataSize: dataSize)
        try SystemMemory.check(dataSize, limit: memoryLimit, path: file.path)
        let data = try layer.contents(dataSize, of: file)
        guard data.count == dataSize else {
            throw FormatError(
                .truncated, "became shorter while it was read",
                byteOffset: prefix.count + length + data.count)
        }
        try self.init(header, head: prefix + json, data: data[...])
    }

    private init(
        _ header: SafetensorsHeader, head: [UInt8], data: ArraySlice<UInt8>
    ) throws(FormatError) {
        isVerified = try SafetensorsSeal.verify(
            metadata: header.metadata, head: head, data: data)
        metadata = header.metadata
        metadata[SafetensorsSeal.checksumKey] = nil
        metadata[SafetensorsSeal.versionKey] = nil
        tensors = []
        for tensor in header.tensors {
            let start = data.startIndex + tensor.range.lowerBound
            tensors.append(
                try TensorEntry(
                    name: tensor.name, type: tensor.type, shape: tensor.shape,
                    bytes: data[start..<start + tensor.range.count]))
        }
    }
}
