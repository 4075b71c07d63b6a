internal import StrataSchema

/// A named tensor of a safetensors file: type, shape and bytes that agree with each other.
public struct TensorEntry: Hashable, Sendable {
    /// The tensor's name, unique in its file.
    public var name: String
    /// The type of its elements.
    public let type: TensorType
    /// Its dimensions, outermost first; empty for a single number.
    public let shape: [Int]
    /// Its elements in row-major order, little-endian; a slice that may share a file's storage.
    public let bytes: ArraySlice<UInt8>

    /// Creates a tensor from its bytes.
    ///
    /// - Throws: ``FormatError`` `.overflow` for an impossible shape, `.sizeMismatch` where the
    ///   bytes are not as many as type and shape say.
    public init(
        name: String, type: TensorType, shape: [Int], bytes: ArraySlice<UInt8>
    ) throws(FormatError) {
        try type.checkSize(bytes.count, of: name, shape: shape)
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }

    /// Creates a float32 tensor.
    ///
    /// - Throws: ``FormatError`` `.sizeMismatch` where the shape's product is not the count.
    public init(name: String, shape: [Int], floats: [Float]) throws(FormatError) {
        try self.init(
            name: name, type: .float32, shape: shape,
            bytes: Self.littleEndianBytes(floats.lazy.map(\.bitPattern)))
    }

    /// Creates an int64 tensor.
    ///
    /// - Throws: ``FormatError`` `.sizeMismatch` where the shape's product is not the count.
    public init(name: String, shape: [Int], integers: [Int64]) throws(FormatError) {
        try self.init(
            name: name, type: .int64, shape: shape, bytes: Self.littleEndianBytes(integers))
    }

    /// How many elements the tensor has.
    public var count: Int { bytes.count / type.width }

    private static func littleEndianBytes<Word: FixedWidthInteger & BitwiseCopyable>(
        _ words: some Collection<Word>
    ) -> ArraySlice<UInt8> {
        let width = MemoryLayout<Word>.size
        let size = words.count * width
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            for word in words {
                raw.storeBytes(of: word.littleEndian, toByteOffset: offset, as: Word.self)
                offset += width
            }
            initialized = offset
        }[...]
    }
}

// MARK: Numbers

extension TensorEntry {
    /// The elements as floats.
    ///
    /// F32, F16 and BF16 convert exactly, F64 rounds to nearest.
    /// - Throws: ``FormatError`` `.unsupported` for integers and other types.
    public func floats() throws(FormatError) -> [Float] {
        var failure: FormatError?
        let floats = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(FormatError) {
                try copyFloats(to: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return floats
    }

    /// Writes the elements, as ``floats()`` makes them, to memory for as many.
    ///
    /// - Throws: ``FormatError`` `.unsupported` for integers and other types.
    package func copyFloats(to target: UnsafeMutableBufferPointer<Float>) throws(FormatError) {
        precondition(target.count == count, "a tensor goes where it fits")
        switch type {
        case .float32: copyWords(UInt32.self, to: target) { Float(bitPattern: $0) }
        case .float64: copyWords(UInt64.self, to: target) { Float(Double(bitPattern: $0)) }
        case .bfloat16: copyWords(UInt16.self, to: target) { Float(bitPattern: UInt32($0) << 16) }
        case .float16: copyWords(UInt16.self, to: target) { Self.float(half: $0) }
        default: throw notConvertible(to: "floats")
        }
    }

    /// The elements as integers.
    ///
    /// - Throws: ``FormatError`` `.unsupported` for floats, complex and unsigned 64-bit numbers.
    public func integers() throws(FormatError) -> [Int64] {
        switch type {
        case .int64: words(UInt64.self) { Int64(bitPattern: $0) }
        case .int32: words(UInt32.self) { Int64(Int32(bitPattern: $0)) }
        case .uint32: words(UInt32.self) { Int64($0) }
        case .int16: words(UInt16.self) { Int64(Int16(bitPattern: $0)) }
        case .uint16: words(UInt16.self) { Int64($0) }
        case .int8: words(UInt8.self) { Int64(Int8(bitPattern: $0)) }
        case .uint8, .bool: words(UInt8.self) { Int64($0) }
        default: throw notConvertible(to: "integers")
        }
    }

    private func words<Word: FixedWidthInteger & BitwiseCopyable, Element>(
        _ word: Word.Type, _ convert: (Word) -> Element
    ) -> [Element] {
        [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            copyWords(word, to: buffer, convert)
            initialized = count
        }
    }

    private func copyWords<Word: FixedWidthInteger & BitwiseCopyable, Element>(
        _ word: Word.Type, to target: UnsafeMutableBufferPointer<Element>,
        _ convert: (Word) -> Element
    ) {
        bytes.withUnsafeBytes { raw in
            for index in 0..<count {
                let word = raw.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
                target.initializeElement(at: index, to: convert(Word(littleEndian: word)))
            }
        }
    }

    private func notConvertible(to what: String) -> FormatError {
        FormatError(
            .unsupported,
            "tensor '\(name.shown)' of type \(type.rawValue) cannot be read as \(what)")
    }

    /// Swift has no half-precision type on every platform, so its bits are taken apart here.
    static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let mantissa = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let size = Float(mantissa) * 0x1p-24
            return sign == 0 ? size : -size
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | mantissa << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | mantissa << 13)
        }
    }
}
