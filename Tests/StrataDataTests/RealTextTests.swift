import Foundation
import StrataData
import Testing

/// A real text of 1.1 MB that lies beside the package.
private let realText = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("../shared/data/tinyshakespeare.txt").standardizedFileURL.path

@Suite(
    .enabled(
        if: FileManager.default.fileExists(atPath: realText),
        "../shared/data/tinyshakespeare.txt is absent"))
struct RealTextTests {
    @Test func shakespeareHasItsKnownCounts() throws {
        let set = try TextData(path: [realText]).load(relativeTo: "")
        #expect(set.vocabulary.count == 65)
        #expect(set.train.count == 1_003_854)
        #expect(set.train.count + set.validation.count + set.test.count == 1_115_394)
        #expect(try set.vocabulary.text(of: set.train.array(0..<14)) == "First Citizen:")
    }

    /// Compares with a few lines of Python, for T = 50 and B = 32.
    ///
    ///     v = sorted(set(text)); ids = [v.index(c) for c in text]; x = ids[:int(len(ids) * 0.9)]
    ///     n = (len(x) - 1) // 32
    ///     [x[b * n + 150] for b in range(6)], [x[b * n + 200] for b in range(6)]
    @Test func columnsAreThoseOfThePythonReference() throws {
        let set = try TextData(path: [realText]).load(relativeTo: "")
        let batcher = StreamBatcher(tokens: set.train, batch: 32, steps: 50)
        #expect(batcher.columnLength == 31370 && batcher.chunkCount == 627)
        var inputs = [Int32](repeating: 0, count: 50 * 32)
        var targets = inputs
        try inputs.withUnsafeMutableBufferPointer { inputs in
            try targets.withUnsafeMutableBufferPointer { targets in
                let steps = try batcher.fill(chunk: 3, inputs: inputs, targets: targets)
                #expect(steps == 50)
            }
        }
        #expect(inputs.prefix(6) == [50, 0, 47, 1, 1, 1])
        #expect(targets.suffix(32).prefix(6) == [1, 7, 1, 39, 53, 57])
    }

    @Test func wordsAreThoseOfThePythonReference() throws {
        // len(set(text.split())), len(text.split()) and text.count("\n").
        let set = try TextData(path: [realText], tokens: .words).load(relativeTo: "")
        #expect(set.vocabulary.count == 25670 + 1)
        #expect(set.train.count + set.validation.count + set.test.count == 202_651 + 40_000)
        #expect(set.vocabulary.tokens.prefix(4) == ["\n", "the", "I", "to"])
    }
}
