import Foundation
import StrataData
import Testing

/// Texts that are read from their files as they are needed.
@Suite struct LongTextTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ data: TextData, isKept: Bool = false) throws -> TokenDataset {
        try data.load(
            relativeTo: folder.path, limits: isKept ? ReadLimits() : ReadLimits(bytesInMemory: 0))
    }

    /// Random text: runs of ASCII, letters of two to four bytes, white space of one to three.
    private func text(_ count: Int, seed: UInt64) -> String {
        var random = Random(state: seed)
        let pieces = [
            "the ", "horse", "\n", "\r\n", "é", "ß ", "Ж", "漢", "字\u{3000}", "😀", " \u{A0}",
            "\u{2003}", "e\u{301}", "x", "I, too. ", "\u{85}", "\u{7F}", "antidisestablishment",
        ]
        var text = ""
        while text.utf8.count < count { text += pieces[random.below(pieces.count)] }
        return text
    }

    private struct Random {
        var state: UInt64

        mutating func below(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count))
        }
    }

    /// The tokens as texts, found in the plainest way.
    private func tokens(of text: String, _ kind: TokenKind) -> [String] {
        guard kind == .words else { return text.unicodeScalars.map { String(Character($0)) } }
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard scalar.properties.isWhitespace else {
                word.append(scalar)
                continue
            }
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
            if scalar == "\n" { words.append("\n") }
        }
        return word.isEmpty ? words : words + [String(word)]
    }

    private func isEqual(_ a: [String], _ b: [String]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    @Test(arguments: [TokenKind.characters, .words])
    func tokensAreThoseOfTheText(kind: TokenKind) throws {
        // Several blocks of 256 KiB, so that characters and words lie across their borders.
        let parts = [700_001, 3, 300_000, 70_000].enumerated().map {
            text($1, seed: UInt64($0 + 1))
        }
        for (index, part) in parts.enumerated() { try folder.write("\(index).txt", part) }
        let joined = parts.reduce("") { all, part in
            all.isEmpty || all.utf8.last == 10 ? all + part : all + "\n" + part
        }
        let set = try load(tiny("*.txt", tokens: kind))
        let expected = tokens(of: joined, kind)
        let found = try set.train.array().map { set.vocabulary.text(of: $0) }
        #expect(isEqual(found, expected))
    }

    @Test(arguments: TokenKind.allCases)
    func filesAndMemoryGiveTheSame(kind: TokenKind) throws {
        for index in 0..<3 {
            try folder.write("\(index).txt", text(150_000, seed: UInt64(index)))
        }
        for size in kind == .bytes ? [nil] : [nil, 6] {
            var data = tiny("*.txt", tokens: kind, vocabularySize: size)
            data.split = SplitSpec(train: 0.71, validation: 0.2, test: 0.09)
            let kept = try load(data, isKept: true)
            let set = try load(data)
            #expect(set.vocabulary == kept.vocabulary && set.fingerprint == kept.fingerprint)
            for (part, other) in [
                (set.train, kept.train), (set.validation, kept.validation), (set.test, kept.test),
            ] {
                #expect(try part.array() == other.array())
            }
            let arrays = try TokenDataset(
                vocabulary: set.vocabulary, train: set.train.array(),
                validation: set.validation.array(), test: set.test.array(), batchSize: 1,
                sequenceLength: 1)
            #expect(arrays.fingerprint == set.fingerprint)
        }
    }

    @Test func anyRangeCanBeRead() throws {
        try folder.write("a.txt", text(60_000, seed: 9))
        for kind in TokenKind.allCases {
            let tokens = try load(tiny("a.txt", tokens: kind)).train
            let all = try tokens.array()
            var random = Random(state: 4)
            for _ in 0..<50 {
                let start = random.below(all.count)
                let end = start + random.below(all.count - start + 1)
                #expect(try tokens.array(start..<end) == Array(all[start..<end]))
            }
            #expect(try tokens.array(all.count..<all.count) == [])
            #expect(try tokens.array(-5..<all.count + 5) == all)
        }
    }

    @Test(arguments: [StreamBatcher.Remainder.dropped, .padded])
    func windowsAreThoseOfTheArray(remainder: StreamBatcher.Remainder) throws {
        try folder.write("a.txt", text(40_000, seed: 3))
        for kind in TokenKind.allCases {
            var data = tiny("a.txt", tokens: kind)
            data.split = SplitSpec(train: 0.5, validation: 0.5, test: 0)
            // A part that does not start where the text does.
            let tokens = try load(data).validation
            let array = Tokens(try tokens.array())
            for (batch, steps) in [(1, 50), (7, 13), (32, 3), (3, 2000)] {
                let lazy = StreamBatcher(
                    tokens: tokens, batch: batch, steps: steps, remainder: remainder)
                let plain = StreamBatcher(
                    tokens: array, batch: batch, steps: steps, remainder: remainder)
                let count = plain.chunkCountWithRemainder
                var random = Random(state: 1)
                // Onwards as in training, and to and fro.
                for chunk in Array(0..<count) + (0..<20).map({ _ in random.below(count + 1) }) {
                    #expect(try filled(lazy, chunk) == filled(plain, chunk))
                }
            }
        }
    }

    private func filled(_ batcher: StreamBatcher, _ chunk: Int) throws -> [[Int32]] {
        var inputs = [Int32](repeating: -9, count: batcher.steps * batcher.batch)
        var targets = inputs
        _ = try inputs.withUnsafeMutableBufferPointer { inputs in
            try targets.withUnsafeMutableBufferPointer { targets in
                try batcher.fill(chunk: chunk, inputs: inputs, targets: targets)
            }
        }
        return [inputs, targets]
    }

    @Test(.timeLimit(.minutes(1))) func aWrongFileIsNotReadToItsEnd() throws {
        try folder.write("a.txt", "fine\n")
        // Nothing but holes: to read all of it would take far longer.
        #expect(truncate(folder.path + "/a.txt", 1 << 39) == 0)
        for kind in [TokenKind.characters, .words] {
            let error = loadError(tiny("a.txt", tokens: kind), in: folder)
            #expect(error?.message.contains("NUL byte at byte offset 5 (line 2)") == true)
        }
    }

    // MARK: Borders of blocks

    private let block = 1 << 18

    @Test func charactersLieAcrossBordersOfBlocks() throws {
        for piece in ["é", "漢", "😀", "\u{3000}w", "\u{A0}w", "w\u{2003}", "w😀"] {
            for shift in 0...5 {
                let start = String(repeating: "ab c", count: block / 4 - 1)
                let text = start + String("xyzuvw".prefix(shift)) + piece + " end"
                try folder.write("a.txt", text)
                for kind in [TokenKind.characters, .words] {
                    let set = try load(tiny("a.txt", tokens: kind))
                    let found = try set.train.array().map { set.vocabulary.text(of: $0) }
                    #expect(isEqual(found, tokens(of: text, kind)), "\(piece) \(shift) \(kind)")
                }
            }
        }
    }

    @Test func aWordMayBeLongerThanABlock() throws {
        let long = String(repeating: "ab漢", count: block / 2)
        try folder.write("a.txt", "a \(long) b \(long)c")
        let set = try load(tiny("a.txt", tokens: .words))
        #expect(try set.vocabulary.text(of: set.train.array()) == "a \(long) b \(long)c")
        #expect(try set.train.array(2..<3) == set.vocabulary.encode("b"))
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xFF], [0xE2, 0x82], [0xE2, 0x82, 0xAC, 0x80], [0xF0, 0x9F, 0x98],
            [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3, 0xA9, 0x80], [0x61, 0],
        ] as [[UInt8]])
    func wrongBytesAreFoundAtBordersOfBlocks(bytes: [UInt8]) throws {
        let valid =
            [[0xE2, 0x82, 0xAC, 0x80], [0xC3, 0xA9, 0x80]].contains(bytes)
            ? bytes.count - 1 : bytes.last == 0 ? 1 : 0
        for shift in 0...5 {
            let start = [UInt8](repeating: 0x61, count: block - 4 + shift)
            try folder.write("a.txt", "fine\n")
            try folder.write("b.txt", start + bytes + [UInt8](repeating: 0x62, count: 100))
            // The first file's five bytes move the borders in the second.
            for name in ["b.txt", "*.txt"] {
                for kind in [TokenKind.characters, .words] {
                    let error = loadError(
                        tiny(name, tokens: kind), in: folder, limits: ReadLimits(bytesInMemory: 0))
                    #expect(error?.kind == .invalid && error?.path == folder.path + "/b.txt")
                    #expect(
                        error?.message.contains("at byte offset \(start.count + valid) ") == true,
                        "\(error?.message ?? "none")")
                }
            }
        }
    }
}
