import Foundation
import StrataData

/// A folder that is removed when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("strata-data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    /// Makes a symbolic link whose target is taken as it is written.
    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: path + "/" + name, withDestinationPath: target)
    }
}

/// A source of one stream with one step, all of it for training, so that tiny texts load.
func tiny(_ path: String..., tokens: TokenKind = .characters, vocabularySize: Int? = nil)
    -> TextData
{
    TextData(
        path: path, tokens: tokens, vocabularySize: vocabularySize, sequenceLength: 1,
        batchSize: 1, split: SplitSpec(train: 1, validation: 0, test: 0))
}

/// The error of a load that must fail, or nil where it did not.
func loadError(
    _ data: TextData, in folder: TemporaryFolder, limits: ReadLimits = ReadLimits()
) -> DataError? {
    do throws(DataError) {
        _ = try data.load(relativeTo: folder.path, limits: limits)
        return nil
    } catch {
        return error
    }
}
