/// A named tensor that is about to be written: its bytes may still lie where they are in use.
package struct TensorStream: Sendable {
    /// The tensor's name, unique in its file.
    package let name: String
    /// The type of its elements.
    package let type: TensorType
    /// Its dimensions, outermost first; empty for a single number.
    package let shape: [Int]
    /// Its elements in row-major order, little-endian.
    package let bytes: ByteStream

    /// Creates a tensor from its bytes.
    ///
    /// - Throws: ``FormatError`` `.overflow` for an impossible shape, `.sizeMismatch` where the
    ///   bytes are not as many as type and shape say.
    package init(
        name: String, type: TensorType, shape: [Int], bytes: ByteStream
    ) throws(FormatError) {
        try type.checkSize(bytes.count, of: name, shape: shape)
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }

    /// Writes a tensor that lies in memory.
    package init(_ entry: TensorEntry) {
        name = entry.name
        type = entry.type
        shape = entry.shape
        bytes = ByteStream(entry.bytes)
    }
}
