/// Reads the data of a safetensors file once, from the first byte to the last, and checks its seal.
struct SafetensorsData {
    let file: OpenFile
    let layer: any FileLayer
    /// The place of the next byte in the file.
    var position: Int
    /// What all bytes pass by.
    var seal: SafetensorsSeal.Check

    /// The next bytes.
    ///
    /// - Throws: ``FormatError`` `.truncated` where the file ends before: it was longer when it was
    ///   opened.
    mutating func next(_ count: Int) throws(FormatError) -> [UInt8] {
        let bytes = try layer.contents(count, of: file)
        position += bytes.count
        guard bytes.count == count else {
            throw FormatError(
                .truncated, "became shorter while it was read", byteOffset: position)
        }
        seal.update(bytes[...])
        return bytes
    }

    /// Reads the next bytes for their checksum alone, in pieces.
    mutating func pass(_ count: Int) throws(FormatError) {
        var rest = count
        while rest > 0 { rest -= try next(min(rest, ByteStream.pieceSize)).count }
    }
}
