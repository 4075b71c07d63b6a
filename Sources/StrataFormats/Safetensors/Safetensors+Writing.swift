extension Safetensors {
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
        let writer: SafetensorsWriter
        do throws(FormatError) { writer = try self.writer() } catch { throw error.at(path: path) }
        try writer.write(to: path, layer: layer)
    }

    /// The bytes of the file.
    ///
    /// - Throws: ``FormatError`` `.duplicateName` or `.headerTooLarge`.
    public func encoded() throws(FormatError) -> [UInt8] {
        let streams = try writer().streams
        var bytes: [UInt8] = []
        bytes.reserveCapacity(streams.reduce(0) { $0 + $1.count })
        for stream in streams { stream.forEachPiece { bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// The contents, ready to be written.
    func writer() throws(FormatError) -> SafetensorsWriter {
        try SafetensorsWriter(tensors: tensors.map { TensorStream($0) }, metadata: metadata)
    }
}
