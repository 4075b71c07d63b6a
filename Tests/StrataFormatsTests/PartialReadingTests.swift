import Foundation
import StrataFormats
import StrataTestSupport
import Synchronization
import Testing

/// Files of which only some tensors are kept are checked as if all were.
@Suite struct PartialReadingTests {
    /// A file whose middle tensor takes several pieces to pass, none of them a whole number of words.
    private static func contents() throws -> Safetensors {
        let long = (0..<150_001).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        return Safetensors(
            tensors: [
                try TensorEntry(name: "a", shape: [3], floats: [1, 2, 3]),
                try TensorEntry(name: "long", type: .uint8, shape: [long.count], bytes: long[...]),
                try TensorEntry(name: "none", shape: [0], floats: []),
                try TensorEntry(name: "z", shape: [], integers: [-5]),
            ], metadata: ["note": "é"])
    }

    private static func read(
        _ path: String, layer: any FileLayer = SystemFileLayer(), memoryLimit: Int = .max,
        _ names: Set<String> = []
    ) throws -> Safetensors {
        try Safetensors(reading: path, layer: layer, memoryLimit: memoryLimit) { name, _ in
            names.contains(name)
        }
    }

    /// Whether a file of these bytes is refused, with the same error whatever is kept of it.
    private static func refusal(_ bytes: [UInt8], at path: String) throws -> FormatError? {
        try write(bytes, to: path)
        let whole = formatError { _ = try Safetensors(reading: path) }
        for names: Set<String> in [[], ["a"], ["long"], ["a", "z"]] {
            #expect(formatError { _ = try read(path, names) } == whole)
        }
        return whole
    }

    @Test(arguments: [
        [], ["a"], ["z", "a"], ["none"], ["long", "z"], ["a", "long", "none", "z"],
    ])
    func keptTensorsAreThoseOfTheWholeFile(names: Set<String>) throws {
        try withTemporaryFolder { folder in
            let (path, all) = (folder + "/a", try Self.contents())
            try all.write(to: path)
            let part = try Self.read(path, names)
            #expect(part.isVerified)
            #expect(part.metadata == all.metadata)
            #expect(part.tensors == all.tensors.filter { names.contains($0.name) })
        }
    }

    @Test func theChoiceSeesTheMetadata() throws {
        try withTemporaryFolder { folder in
            try Self.contents().write(to: folder + "/a")
            let read = try Safetensors(reading: folder + "/a", layer: SystemFileLayer()) {
                name, metadata in metadata["note"] == "é" && name != "long"
            }
            #expect(read.tensors.map(\.name) == ["a", "none", "z"])
        }
    }

    @Test func damageIsFoundThoughTheTensorIsNotKept() throws {
        try withTemporaryFolder { folder in
            let whole = try Self.contents().encoded()
            // The last of the data are a's 12 bytes, the long ones and z's 8.
            let data = whole.count - 12 - 150_001 - 8
            for place in [0, 11, 12, 13, 65_547, 65_548, 131_083, 150_012, 150_013, 150_020] {
                var damaged = whole
                damaged[data + place] ^= 4
                let error = try Self.refusal(damaged, at: folder + "/a")
                #expect(error?.kind == .checksumMismatch, "byte \(place)")
            }
            for place in stride(from: 0, to: data, by: 3) {
                var damaged = whole
                damaged[place] ^= 4
                let error = try Self.refusal(damaged, at: folder + "/a")
                #expect(error?.category == .badData, "byte \(place) of the head")
            }
        }
    }

    @Test func filesOfAnotherLengthAreFoundThoughNothingIsKept() throws {
        try withTemporaryFolder { folder in
            let (whole, path) = (try Self.contents().encoded(), folder + "/a")
            for count in [0, 7, 8, 100, whole.count - 100_000, whole.count - 9, whole.count - 1] {
                let error = try Self.refusal(Array(whole[..<count]), at: path)
                #expect(error?.kind == .truncated, "cut at \(count)")
            }
            #expect(try Self.refusal(whole + [0], at: path)?.kind == .trailingBytes)
        }
    }

    @Test(arguments: [
        ("[4]", "[4,0]", FormatError.Kind.offsetsInvalid), ("[3]", "[0,4]", .sizeMismatch),
        ("[9]", "[0,9]", .truncated), ("[3]", "[1,4]", .hole), ("[2]", "[0,2]", .trailingBytes),
        ("[4294967296,4294967296]", "[0,4]", .overflow),
    ])
    func headersAreCheckedThoughNothingIsKept(
        shape: String, offsets: String, kind: FormatError.Kind
    ) throws {
        try withTemporaryFolder { folder in
            let header = #"{"moment":{"dtype":"U8","shape":\#(shape),"data_offsets":\#(offsets)}}"#
            let error = try Self.refusal(file(header: header, data: 4), at: folder + "/a")
            #expect(error?.kind == kind)
        }
    }

    @Test func onlyWhatIsKeptTakesMemory() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try Self.contents().write(to: path)
            #expect(try Self.read(path, memoryLimit: 20, ["a", "z"]).tensors.count == 2)
            let error = formatError { _ = try Self.read(path, memoryLimit: 19, ["a", "z"]) }
            #expect(error?.kind == .tooLarge)
            #expect(error?.path == path)
            #expect(
                formatError { _ = try Self.read(path, memoryLimit: 150_000, ["long"]) }?.kind
                    == .tooLarge)
        }
    }

    @Test func whatTheSystemRefusesIsAnErrorBeforeItIsAllocated() {
        #expect((1...).contains(SystemMemory.available))
        let error = formatError { try SystemMemory.check(1 << 60, limit: .max, path: "a") }
        #expect(error?.kind == .tooLarge)
        #expect(error?.path == "a")
        #expect(formatError { try SystemMemory.check(1 << 20, limit: .max, path: "a") } == nil)
    }

    @Test func aFileIsRefusedByItsMetadataBeforeItsDataAreRead() throws {
        try withTemporaryFolder { folder in
            try Self.contents().write(to: folder + "/a")
            let layer = CuttingFileLayer(atRead: 3, to: 0)
            let error = formatError {
                _ = try Safetensors(
                    reading: folder + "/a", layer: layer,
                    checking: { (metadata) throws(FormatError) in
                        throw FormatError(.contentInvalid, metadata["note"] ?? "")
                    })
            }
            #expect(error?.message == "é")
            // No third reading, which would have cut the file.
            #expect(try Safetensors(reading: folder + "/a").tensors.count == 4)
        }
    }

    @Test func failuresWhilePassingAreErrorsOfTheFile() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try Self.contents().write(to: path)
            let count = try forEveryFailure(.error(EIO), lasts: false) { layer in
                _ = try Self.read(path, layer: layer)
            } check: { error in
                guard let error = error as? FormatError else { return }
                #expect(error.kind == .unreadable(errno: EIO))
                #expect(error.path == path)
            }
            // Opening, looking, the length, the header, three pieces and the ends.
            #expect(count >= 8)
        }
    }

    @Test(arguments: [Set<String>(), ["a", "long", "none", "z"]])
    func aFileThatIsCutWhileItIsReadIsAnError(names: Set<String>) throws {
        try withTemporaryFolder { folder in
            let (path, whole) = (folder + "/a", try Self.contents().encoded())
            let length = whole.count - 70_000
            try write(whole, to: path)
            // The third reading is the first of data.
            let layer = CuttingFileLayer(atRead: 3, to: length)
            let error = formatError { _ = try Self.read(path, layer: layer, names) }
            #expect(error?.kind == .truncated)
            #expect(error?.message == "became shorter while it was read")
            #expect(error?.byteOffset == length)
            #expect(error?.path == path)
        }
    }

    @Test(arguments: [Set<String>(), ["a"]])
    func aFileThatIsChangedWhileItIsReadIsAnError(names: Set<String>) throws {
        try withTemporaryFolder { folder in
            let (path, whole) = (folder + "/a", try Self.contents().encoded())
            try write(whole, to: path)
            // It is cut and filled with zeros again.
            let layer = CuttingFileLayer(atRead: 3, to: whole.count - 70_000, thenTo: whole.count)
            let error = formatError { _ = try Self.read(path, layer: layer, names) }
            #expect(error?.kind == .checksumMismatch)
            #expect(error?.path == path)
        }
    }
}

/// The system's files, which somebody changes the length of before the n-th reading.
private final class CuttingFileLayer: ObservedFileLayer {
    private let number: Int
    private let lengths: [Int]
    private let count = Mutex(0)

    init(atRead number: Int, to length: Int, thenTo other: Int? = nil) {
        self.number = number
        lengths = [length] + (other.map { [$0] } ?? [])
    }

    func observe(
        _ operation: FileFailure.Operation, _ path: String
    ) throws(FileFailure) -> Bool {
        guard operation == .read else { return false }
        let isTime = count.withLock { count in
            count += 1
            return count == number
        }
        guard isTime else { return false }
        for length in lengths { #expect(changesLength(of: path, to: length)) }
        return false
    }
}

/// Cuts a file, or fills it up with zeros.
private func changesLength(of path: String, to length: Int) -> Bool {
    truncate(path, off_t(length)) == 0
}
