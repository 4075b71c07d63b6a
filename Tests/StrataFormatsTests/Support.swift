import Foundation
import StrataFormats
import Testing

/// Runs a test in a folder of its own, which is removed afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/strata-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
}

func bytes(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

func temporaryNames(in folder: String) throws -> [String] {
    try names(in: folder).filter { $0.hasPrefix(".strata-tmp-") }
}

/// The error that a call throws, or nil.
func formatError(_ body: () throws -> Void) -> FormatError? {
    do { try body() } catch { return error as? FormatError }
    return nil
}

/// A file of a hand-written header and data.
func file(header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let json = Array(header.utf8)
    let length = length ?? UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + json
        + [UInt8](repeating: 7, count: data)
}

/// A small checkpoint whose content depends on a number.
func sample(_ number: Int) throws -> Safetensors {
    Safetensors(
        tensors: [
            try TensorEntry(name: "lstm.W", shape: [2, 1], floats: [Float(number), 0.5]),
            try TensorEntry(name: "step", shape: [], integers: [Int64(number)]),
        ],
        metadata: ["spec": "name: x\n\"é\"", "number": "\(number)"])
}

/// The same, whose tensors are fetched when they are needed.
func sampleWriter(_ number: Int) throws -> SafetensorsWriter {
    let contents = try sample(number)
    let tensors = try contents.tensors.map { entry in
        let bytes = Array(entry.bytes)
        return try TensorStream(
            name: entry.name, type: entry.type, shape: entry.shape,
            bytes: ByteStream(count: bytes.count) { Array(bytes[$0]) })
    }
    return try SafetensorsWriter(tensors: tensors, metadata: contents.metadata)
}

extension RunFolder {
    /// Saves the sample of a number, by default that of the step.
    @discardableResult
    func saveSample(
        _ number: Int? = nil, step: Int, keepLast: Int, isBest: Bool = false
    ) throws -> SavedCheckpoint {
        try saveCheckpoint(
            sampleWriter(number ?? step), step: step, keepLast: keepLast, isBest: isBest,
            whenRead: {})
    }
}
