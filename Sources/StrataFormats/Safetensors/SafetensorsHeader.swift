internal import StrataSchema

/// The head of a safetensors file, checked in full before any data are read.
struct SafetensorsHeader {
    /// A tensor as the header describes it.
    struct Tensor {
        var name: String
        var type: TensorType
        var shape: [Int]
        /// Its bytes, counted from the start of the data.
        var range: Range<Int>
    }

    /// The format's limit of the header's length in bytes.
    static let lengthLimit = 100_000_000
    /// The most values of a header: room for some 200 000 tensors.
    static let valueLimit = 1 << 21
    /// The most dimensions of a tensor.
    static let rankLimit = 64
    /// Bytes of the number in front of the header.
    static let prefixSize = 8

    /// The tensors in the order of their bytes.
    private(set) var tensors: [Tensor] = []
    /// The free texts, Strata's own included.
    private(set) var metadata: [String: String] = [:]

    /// Reads the header's length from the file's first bytes.
    static func length(prefix: ArraySlice<UInt8>, fileSize: Int) throws(FormatError) -> Int {
        guard prefix.count == prefixSize else {
            throw FormatError(
                .truncated, "ends after \(prefix.count) bytes; a safetensors file starts with 8",
                byteOffset: prefix.count)
        }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(lengthLimit) else {
            throw FormatError(
                .headerTooLarge,
                "claims a header of \(length) bytes; at most \(lengthLimit) are allowed",
                byteOffset: 0, hint: "is it a safetensors file?")
        }
        guard length >= 2 else {
            throw FormatError(
                .headerInvalid, "claims a header of \(length) bytes; the shortest has 2",
                byteOffset: 0)
        }
        guard Int(length) <= fileSize - prefixSize else {
            throw FormatError(
                .truncated,
                "claims a header of \(length) bytes, but ends after \(fileSize) bytes",
                byteOffset: fileSize)
        }
        return Int(length)
    }

    /// Reads and checks a header.
    ///
    /// - Parameters:
    ///   - json: the header's bytes.
    ///   - dataSize: the bytes that follow the header in the file.
    init(json: ArraySlice<UInt8>, dataSize: Int) throws(FormatError) {
        guard json.first == UInt8(ascii: "{") else {
            throw FormatError(
                .headerInvalid, "the header does not start with '{'", byteOffset: Self.prefixSize)
        }
        let root: ConfigValue
        do throws(JSONReader.Failure) {
            root = try JSONReader.read(json, valueLimit: Self.valueLimit)
        } catch {
            throw FormatError(
                error.isDuplicateKey ? .duplicateName : .headerInvalid,
                "the header is not valid: \(error.message)",
                byteOffset: Self.prefixSize + error.offset)
        }
        var names: Set<String> = []
        for pair in root.pairs ?? [] {
            // Names that only differ in how accents are composed would be one and the same later.
            guard names.insert(pair.key).inserted else {
                throw FormatError(.duplicateName, "two tensors are named '\(pair.key.shown)'")
            }
            if pair.key == "__metadata__" {
                metadata = try Self.metadata(pair.value)
            } else {
                tensors.append(try Self.tensor(pair.key, pair.value))
            }
        }
        try sortAndCheckOffsets(dataSize: dataSize, dataStart: Self.prefixSize + json.count)
    }

    private static func metadata(_ value: ConfigValue) throws(FormatError) -> [String: String] {
        var metadata: [String: String] = [:]
        guard let pairs = value.pairs else {
            throw FormatError(.headerInvalid, "'__metadata__' is not a map")
        }
        for pair in pairs {
            guard case .string(let text) = pair.value else {
                throw FormatError(.headerInvalid, "the metadata '\(pair.key.shown)' is not a text")
            }
            guard metadata.updateValue(text, forKey: pair.key) == nil else {
                throw FormatError(.headerInvalid, "the metadata '\(pair.key.shown)' stands twice")
            }
        }
        return metadata
    }

    private static func tensor(
        _ name: String, _ value: ConfigValue
    ) throws(FormatError) -> Tensor {
        guard case .string(let typeName) = value["dtype"] else {
            throw FormatError(.headerInvalid, "tensor '\(name.shown)' has no 'dtype'")
        }
        guard let type = TensorType(rawValue: typeName) else {
            throw FormatError(
                .unsupported, "tensor '\(name.shown)' has the unknown type '\(typeName.shown)'")
        }
        let shape = try sizes("shape", of: name, value)
        let offsets = try sizes("data_offsets", of: name, value)
        guard offsets.count == 2 else {
            throw FormatError(
                .headerInvalid, "tensor '\(name.shown)' has \(offsets.count) 'data_offsets', not 2")
        }
        guard offsets[0] <= offsets[1] else {
            throw FormatError(
                .offsetsInvalid,
                "tensor '\(name.shown)' ends at \(offsets[1]), before its start at "
                    + "\(offsets[0])")
        }
        guard let count = type.byteCount(shape: shape) else {
            throw FormatError(
                .overflow, "tensor '\(name.shown)' has the shape \(shape), whose size is no integer"
            )
        }
        guard count == offsets[1] - offsets[0] else {
            throw FormatError(
                .sizeMismatch,
                "tensor '\(name.shown)' of shape \(shape) and type \(typeName) takes \(count) bytes, "
                    + "but has \(offsets[1] - offsets[0])")
        }
        return Tensor(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
    }

    private static func sizes(
        _ key: String, of name: String, _ value: ConfigValue
    ) throws(FormatError) -> [Int] {
        guard case .list(let values) = value[key] else {
            throw FormatError(.headerInvalid, "tensor '\(name.shown)' has no list '\(key)'")
        }
        guard values.count <= rankLimit else {
            throw FormatError(
                .unsupported,
                "'\(key)' of tensor '\(name.shown)' has \(values.count) numbers; at most "
                    + "\(rankLimit) can be")
        }
        var sizes: [Int] = []
        for value in values {
            switch value {
            case .int(let size) where size >= 0: sizes.append(size)
            case .double(let size) where size >= 0x1p63:
                throw FormatError(
                    .overflow, "'\(key)' of tensor '\(name.shown)' has a number that is too large")
            case .int where key == "data_offsets":
                throw FormatError(.offsetsInvalid, "tensor '\(name.shown)' has a negative offset")
            default:
                throw FormatError(
                    .headerInvalid,
                    "'\(key)' of tensor '\(name.shown)' is not a list of whole numbers")
            }
        }
        return sizes
    }

    /// The tensors must cover the data from first to last byte, each byte once.
    private mutating func sortAndCheckOffsets(
        dataSize: Int, dataStart: Int
    ) throws(FormatError) {
        // Empty tensors share their offset with a neighbour: the header's order breaks the tie.
        let order = tensors.indices.sorted {
            let (a, b) = (tensors[$0].range, tensors[$1].range)
            return (a.lowerBound, a.upperBound, $0) < (b.lowerBound, b.upperBound, $1)
        }
        tensors = order.map { tensors[$0] }
        var end = 0
        for tensor in tensors {
            let range = tensor.range
            if range.lowerBound != end {
                let isOverlap = range.lowerBound < end
                throw FormatError(
                    isOverlap ? .overlap : .hole,
                    "tensor '\(tensor.name.shown)' starts at \(range.lowerBound) of the data, but the "
                        + "one before ends at \(end)",
                    byteOffset: dataStart.addingReportingOverflow(range.lowerBound).partialValue)
            }
            guard range.upperBound <= dataSize else {
                throw FormatError(
                    .truncated,
                    "tensor '\(tensor.name.shown)' ends at \(range.upperBound) of the data, but only "
                        + "\(dataSize) bytes are there",
                    byteOffset: dataStart + dataSize)
            }
            end = range.upperBound
        }
        guard end == dataSize else {
            throw FormatError(
                .trailingBytes, "\(dataSize - end) bytes follow the last tensor",
                byteOffset: dataStart + end)
        }
    }
}
