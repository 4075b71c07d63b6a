import StrataFormats
import Testing

/// Tensors that are fetched piece by piece.
@Suite struct StreamTests {
    @Test(arguments: [0, 1, ByteStream.pieceSize, ByteStream.pieceSize + 1, 700_001])
    func aFetchedTensorIsWrittenLikeOneInMemory(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let entry = try TensorEntry(name: "a", type: .uint8, shape: [size], bytes: bytes[...])
        let last = try TensorEntry(name: "b", shape: [1], floats: [0.5])
        let stream = try TensorStream(
            name: "a", type: .uint8, shape: [size],
            bytes: ByteStream(count: size) { range in
                #expect(range.count <= ByteStream.pieceSize)
                #expect(range.lowerBound % ByteStream.pieceSize == 0)
                return Array(bytes[range])
            })
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try SafetensorsWriter(tensors: [stream, TensorStream(last)], metadata: ["key": "text"])
                .write(to: path)
            let file = Safetensors(tensors: [entry, last], metadata: ["key": "text"])
            #expect(try StrataFormatsTests.bytes(of: path) == file.encoded())
            #expect(try Safetensors(reading: path).isVerified)
        }
    }

    @Test func aStreamOfAnotherSizeThanItsShapeIsRefused() {
        let error = formatError {
            _ = try TensorStream(
                name: "a", type: .float32, shape: [2, 3],
                bytes: ByteStream(count: 23) { [UInt8](repeating: 0, count: $0.count) })
        }
        #expect(error?.kind == .sizeMismatch)
    }
}
