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

    /// Says of a tensor, by its name and the file's metadata, whether a reader keeps it.
    package typealias Choice = (_ name: String, _ metadata: [String: String]) -> Bool

    /// Refuses a file for its metadata, before its data are read.
    package typealias Check = (_ metadata: [String: String]) throws(FormatError) -> Void

    /// Reads a file and keeps some of its tensors.
    ///
    /// All of the file is checked; what is not kept takes no memory.
    /// - Parameters:
    ///   - memoryLimit: the bytes of kept tensors above which the file is refused unread.
    ///   - isKept: asked before the checksum is known to be right, which it is on return.
    ///   - check: refuses files by their metadata, before any data are read.
    package init(
        reading path: String, layer: any FileLayer, memoryLimit: Int = SystemMemory.available,
        keeping isKept: Choice = { _, _ in true },
        checking check: Check = { _ in }
    ) throws(FormatError) {
        do throws(FormatError) {
            self = try layer.withFile(path) { (file, size) throws(FormatError) in
                let (head, header) = try Self.head(of: file, size: size, layer)
                try check(header.metadata)
                return try Safetensors(
                    file, head, header, layer, memoryLimit: memoryLimit, isKept)
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
        var seal = SafetensorsSeal.Check(
            metadata: header.metadata, head: Array(bytes[..<dataStart]))
        seal.update(bytes[dataStart...])
        var tensors: [TensorEntry] = []
        for tensor in header.tensors {
            let start = dataStart + tensor.range.lowerBound
            tensors.append(try tensor.entry(bytes[start..<start + tensor.range.count]))
        }
        try self.init(header, tensors, seal)
    }

    /// The bytes in front of a file's data, and what they say.
    private static func head(
        of file: OpenFile, size: Int, _ layer: any FileLayer
    ) throws(FormatError) -> ([UInt8], SafetensorsHeader) {
        let prefix = try layer.contents(SafetensorsHeader.prefixSize, of: file)
        let length = try SafetensorsHeader.length(prefix: prefix[...], fileSize: size)
        let json = try layer.contents(length, of: file)
        let header = try SafetensorsHeader(
            json: json[...], dataSize: size - prefix.count - length)
        return (prefix + json, header)
    }

    private init(
        _ file: OpenFile, _ head: [UInt8], _ header: SafetensorsHeader, _ layer: any FileLayer,
        memoryLimit: Int, _ isKept: Choice
    ) throws(FormatError) {
        let kept = header.tensors.map { isKept($0.name, header.metadata) }
        let needed = zip(header.tensors, kept).reduce(0) { $0 + ($1.1 ? $1.0.range.count : 0) }
        try SystemMemory.check(needed, limit: memoryLimit, path: file.path)
        var data = SafetensorsData(
            file: file, layer: layer, position: head.count,
            seal: SafetensorsSeal.Check(metadata: header.metadata, head: head))
        var tensors: [TensorEntry] = []
        // In the order of their bytes, of which each belongs to one tensor.
        for (tensor, isKept) in zip(header.tensors, kept) {
            if isKept {
                tensors.append(try tensor.entry(data.next(tensor.range.count)[...]))
            } else {
                try data.pass(tensor.range.count)
            }
        }
        try self.init(header, tensors, data.seal)
    }

    private init(
        _ header: SafetensorsHeader, _ tensors: [TensorEntry], _ seal: SafetensorsSeal.Check
    ) throws(FormatError) {
        isVerified = try seal.isVerified()
        metadata = header.metadata
        metadata[SafetensorsSeal.checksumKey] = nil
        metadata[SafetensorsSeal.versionKey] = nil
        self.tensors = tensors
    }
}

extension SafetensorsHeader.Tensor {
    /// The tensor with its bytes.
    fileprivate func entry(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> TensorEntry {
        try TensorEntry(name: name, type: type, shape: shape, bytes: bytes)
    }
}
