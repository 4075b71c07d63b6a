import Foundation
import StrataFormats
import StrataSchema
import Testing

@Suite struct SafetensorsTests {
    @Test func roundTripKeepsEverythingAndVerifies() throws {
        try withTemporaryFolder { folder in
            let written = try sample(3)
            try written.write(to: folder + "/a.safetensors")
            let read = try Safetensors(reading: folder + "/a.safetensors")
            #expect(read.tensors == written.tensors)
            #expect(read.metadata == written.metadata)
            #expect(read.isVerified)
            #expect(!written.isVerified)
            #expect(try read["lstm.W"]?.floats() == [3, 0.5])
            #expect(try read["step"]?.integers() == [3])
            #expect(read["absent"] == nil)
            #expect(try bytes(of: folder + "/a.safetensors") == written.encoded())
            #expect(try temporaryNames(in: folder).isEmpty)
        }
    }

    @Test func emptyContentsAndEmptyTensorsRoundTrip() throws {
        let nothing = try Safetensors(reading: Safetensors().encoded())
        #expect(nothing.tensors.isEmpty && nothing.metadata.isEmpty && nothing.isVerified)
        let empty = Safetensors(tensors: [
            try TensorEntry(name: "a", shape: [0, 5], floats: []),
            try TensorEntry(name: "b", shape: [], floats: [1]),
            try TensorEntry(name: "", shape: [3, 0], integers: []),
        ])
        #expect(try Safetensors(reading: empty.encoded()).tensors == empty.tensors)
    }

    @Test func dataStartAtAMultipleOf64() throws {
        for count in 0..<70 {
            let name = String(repeating: "n", count: count)
            let entry = try TensorEntry(name: name, shape: [1], floats: [1])
            let file = try Safetensors(tensors: [entry]).encoded()
            #expect((file.count - 4) % 64 == 0)
        }
    }

    @Test func sameContentsGiveSameBytes() throws {
        var other = try sample(1)
        other.metadata = [:]
        for (key, value) in try sample(1).metadata.sorted(by: >) { other.metadata[key] = value }
        #expect(try other.encoded() == sample(1).encoded())
    }

    @Test func ownKeysInMetadataAreReplaced() throws {
        var file = try sample(1)
        file.metadata["strata.checksum"] = "0123456789abcdef"
        file.metadata["strata.format"] = "99"
        #expect(try file.encoded() == sample(1).encoded())
    }

    /// Written by Python's safetensors library.
    ///
    ///     from safetensors.numpy import save
    ///     save({"w": np.array([[1, 2], [3, 4.5]], np.float32),
    ///           "h": np.array([0.5, -2, 65504, 6e-8], np.float16),
    ///           "n": np.array([-7], np.int64)}, metadata={"who": "é\n"})
    @Test func readsAFileOfPythonsLibraryUnverified() throws {
        let base64 = """
            yAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJ3aG8iOiLDqVxuIn0sIm4iOnsiZHR5cGUiOiJJNjQiLCJzaGFw\
            ZSI6WzFdLCJkYXRhX29mZnNldHMiOlswLDhdfSwidyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwyXSwi\
            ZGF0YV9vZmZzZXRzIjpbOCwyNF19LCJoIjp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOls0XSwiZGF0YV9vZmZz\
            ZXRzIjpbMjQsMzJdfX0gICAgIPn/////////AACAPwAAAEAAAEBAAACQQAA4AMD/ewEA
            """
        let bytes = try #require(Data(base64Encoded: base64))
        let file = try Safetensors(reading: Array(bytes))
        #expect(!file.isVerified)
        #expect(file.metadata == ["who": "é\n"])
        #expect(file.tensors.map(\.name) == ["n", "w", "h"])
        #expect(file.tensors.map(\.shape) == [[1], [2, 2], [4]])
        #expect(try file["w"]?.floats() == [1, 2, 3, 4.5])
        #expect(try file["h"]?.floats() == [0.5, -2, 65504, 0x1p-24])
        #expect(try file["n"]?.integers() == [-7])
    }

    @Test func tensorsComeInTheOrderOfTheirBytes() throws {
        let header = #"""
            {"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},
            "z":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},
            "a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}
            """#
        let read = try Safetensors(reading: file(header: header, data: 3))
        #expect(read.tensors.map(\.name) == ["a", "z", "b"])
    }

    @Test func halvesConvertExactly() throws {
        let bits: [UInt16] = [0, 0x8000, 1, 0x3FF, 0x400, 0x3C00, 0xBC01, 0x7BFF, 0x7C00, 0xFC00]
        let expected: [Float] = [
            0, -0.0, 0x1p-24, 0x1.FF8p-15, 0x1p-14, 1, -0x1.004p0, 65504, .infinity, -.infinity,
        ]
        let raw = (bits + [0x7E00]).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let entry = try TensorEntry(name: "h", type: .float16, shape: [11], bytes: raw[...])
        let floats = try entry.floats()
        #expect(floats.prefix(10).map(\.bitPattern) == expected.map(\.bitPattern))
        #expect(floats[10].isNaN)
    }

    @Test func otherTypesConvertOrSayThatTheyDoNot() throws {
        func entry(_ type: TensorType, _ bytes: [UInt8]) throws -> TensorEntry {
            let shape = [bytes.count / type.width]
            return try TensorEntry(name: "t", type: type, shape: shape, bytes: bytes[...])
        }
        #expect(try entry(.bfloat16, [0x80, 0x3F, 0x20, 0xC0]).floats() == [1, -2.5])
        let double = (0..<8).map { UInt8(truncatingIfNeeded: (2.5).bitPattern >> ($0 * 8)) }
        #expect(try entry(.float64, double).floats() == [2.5])
        #expect(try entry(.int8, [0xFF, 1]).integers() == [-1, 1])
        #expect(try entry(.uint8, [0xFF, 1]).integers() == [255, 1])
        #expect(try entry(.int16, [0xFE, 0xFF]).integers() == [-2])
        #expect(try entry(.uint32, [0, 0, 0, 0x80]).integers() == [0x8000_0000])
        for type in [TensorType.int64, .complex64, .bool] {
            let error = formatError {
                _ = try entry(type, [UInt8](repeating: 0, count: 8)).floats()
            }
            #expect(error?.kind == .unsupported)
        }
        #expect(formatError { _ = try sample(1)["lstm.W"]?.integers() }?.kind == .unsupported)
    }

    @Test func everyTypeRoundTrips() throws {
        let tensors = try TensorType.allCases.map { type in
            let raw = (0..<type.width * 3).map { UInt8($0 + type.width) }
            return try TensorEntry(
                name: type.rawValue, type: type, shape: [3, 1], bytes: raw[...])
        }
        let read = try Safetensors(reading: Safetensors(tensors: tensors).encoded())
        #expect(read.tensors == tensors)
        #expect(read.isVerified)
    }

    @Test func tensorsWhoseBytesDoNotFitTheirShapeCannotBeMade() {
        #expect(
            formatError { _ = try TensorEntry(name: "a", shape: [3], floats: [1]) }?.kind
                == .sizeMismatch)
        #expect(
            formatError { _ = try TensorEntry(name: "a", shape: [1 << 32, 1 << 32], floats: []) }?
                .kind == .overflow)
        #expect(
            formatError { _ = try TensorEntry(name: "a", shape: [-1, -1], floats: [1]) }?.kind
                == .overflow)
    }

    @Test func namesThatCannotBeTakenAreRefusedBeforeWriting() throws {
        try withTemporaryFolder { folder in
            var file = try sample(1)
            file.tensors[1].name = "lstm.W"
            let error = formatError { try file.write(to: folder + "/a") }
            #expect(error?.kind == .duplicateName)
            #expect(error?.path == folder + "/a")
            file.tensors[1].name = "__metadata__"
            #expect(formatError { try file.write(to: folder + "/a") }?.kind == .duplicateName)
            #expect(try names(in: folder).isEmpty)
        }
    }

    @Test func differencesOfArchitectureAreListed() throws {
        let file = try sample(1)
        try file.check([.init("lstm.W", [2, 1]), .init("step", [])])
        try file.check([.init("lstm.W", [2, 1])], prefix: "lstm.")
        let error = try #require(
            formatError { try file.check([.init("lstm.W", [1, 2]), .init("out.W", [4])]) })
        #expect(error.kind == .wrongArchitecture)
        #expect(error.category == .badData)
        #expect(
            error.message
                == "belongs to another network: 'lstm.W' is [2, 1], not [1, 2] (transposed); "
                + "'out.W' [4] is missing; 'step' [] has no place in the network")
    }
}
