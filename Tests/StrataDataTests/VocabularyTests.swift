import Foundation
import StrataData
import StrataSchema
import Testing

@Suite struct VocabularyTests {
    private func encodeError(_ vocabulary: Vocabulary, _ text: String) -> DataError? {
        do throws(DataError) {
            _ = try vocabulary.encode(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func encodingAndTextAreInverse() throws {
        let characters = try Vocabulary(kind: .characters, tokens: ["\n", " ", "a", "é", "😀"])
        #expect(try characters.encode("a é\n😀") == [2, 1, 3, 0, 4])
        #expect(characters.text(of: [2, 1, 3, 0, 4]) == "a é\n😀")
        #expect(characters.text(of: 4) == "😀")
        #expect(try characters.encode("") == [])
        #expect(try Vocabulary.bytes.encode("é\0") == [0xC3, 0xA9, 0])
        #expect(Vocabulary.bytes.text(of: [0xC3, 0xA9, 0]) == "é\0")
    }

    @Test func numbersOutsideGiveTheReplacementCharacter() throws {
        let vocabulary = try Vocabulary(kind: .words, tokens: ["a"])
        for token: Int32 in [-1, 1, .min, .max] {
            #expect(vocabulary.text(of: token) == "\u{FFFD}")
        }
        for token: Int32 in [-1, 256, .min, .max] {
            #expect(Vocabulary.bytes.text(of: token) == "\u{FFFD}")
            #expect(Vocabulary.bytes.text(of: [token, 65]) == "\u{FFFD}A")
        }
    }

    @Test func anUnknownCharacterIsNamedWithItsCodeAndPlace() throws {
        let vocabulary = try Vocabulary(kind: .characters, tokens: [" ", "'", "E", "a", "e"])
        let error = try #require(encodeError(vocabulary, "a a\u{E9}"))
        #expect(error.kind == .unknownToken)
        #expect(
            error.message == "the character 'é' (U+00E9) at position 4 is not in the vocabulary")
        #expect(error.hint == "the vocabulary has 'e', 'E'")
        #expect(encodeError(vocabulary, "\u{2019}")?.hint == "the vocabulary has '''")
        let tab = try #require(encodeError(vocabulary, "\u{7}"))
        #expect(tab.message.hasPrefix("the character U+0007 at position 1 "))
        #expect(tab.hint == "the vocabulary has 5 characters, such as 'E', 'a', 'e'")
        #expect(encodeError(vocabulary, "😀")?.message.contains("(U+1F600)") == true)
    }

    @Test func aVocabularyThatCannotBeSeenIsDescribed() throws {
        let newline = try Vocabulary(kind: .words, tokens: ["\n"])
        #expect(encodeError(newline, "a")?.hint == "the vocabulary has only the newline")
        let space = try Vocabulary(kind: .characters, tokens: ["\n", " "])
        #expect(
            encodeError(space, "a")?.hint
                == "the vocabulary has only white space and control characters")
    }

    @Test func anUnknownWordSuggestsNearest() throws {
        let vocabulary = try Vocabulary(kind: .words, tokens: ["the", "horse", "\n"])
        let error = try #require(encodeError(vocabulary, "the\nhorce"))
        #expect(error.message == "the word 'horce' at position 3 is not in the vocabulary")
        #expect(error.hint == "the vocabulary has 'horse'")
        #expect(
            encodeError(vocabulary, "elephantine")?.hint
                == "the vocabulary has 3 words, such as 'the', 'horse'")
    }

    @Test func unknownTokensAreUsedWhereThereIsOne() throws {
        let characters = try Vocabulary(
            kind: .characters, tokens: ["a", "<unk>"], unknown: 1)
        #expect(try characters.encode("ab<") == [0, 1, 1])
        #expect(characters.text(of: [0, 1]) == "a<unk>")
        let words = try Vocabulary(kind: .words, tokens: ["<unk>", "a"], unknown: 0)
        #expect(try words.encode("a b <unk>") == [1, 0, 0])
    }

    @Test func unusableVocabulariesAreRefused() {
        let cases: [(TokenKind, [String], Int?)] = [
            (.characters, [], nil), (.characters, ["ab"], nil), (.characters, [""], nil),
            (.characters, ["a", "a"], nil), (.characters, ["a"], 1), (.characters, ["a"], -1),
            (.words, ["a b"], nil), (.words, [""], nil), (.words, ["a", "a"], nil),
            (.words, [" a"], nil), (.words, ["\n\n"], nil), (.bytes, ["a"], nil),
        ]
        for (kind, tokens, unknown) in cases {
            #expect(throws: DataError.self) {
                try Vocabulary(kind: kind, tokens: tokens, unknown: unknown)
            }
        }
    }

    @Test func canonicallyEqualTokensAreDifferent() throws {
        let a = try Vocabulary(kind: .words, tokens: ["\u{E9}"])
        let b = try Vocabulary(kind: .words, tokens: ["e\u{301}"])
        #expect(a != b)
        #expect(try Vocabulary(kind: .words, tokens: ["\u{E9}", "e\u{301}"]).count == 2)
    }

    // MARK: Checkpoints

    /// Reads JSON as any other program would, to see that the text survives.
    private func value(_ json: Any) -> ConfigValue {
        switch json {
        case let text as String: .string(text)
        case let list as [Any]: .list(list.map(value))
        case let map as [String: Any]:
            .map(map.sorted { $0.key < $1.key }.map { .init($0.key, value($0.value)) })
        case let number as NSNumber: .int(number.intValue)
        default: .null
        }
    }

    @Test func vocabulariesRoundTripThroughJSON() throws {
        let odd = [
            "\0", "\n", "\r", "\t", "\"", "\\", "/", "é", "\u{301}", "\u{2028}", "😀", "\u{7F}",
        ]
        let all = [
            Vocabulary.bytes, try Vocabulary(kind: .characters, tokens: odd),
            try Vocabulary(kind: .characters, tokens: odd + ["<unk>"], unknown: odd.count),
            try Vocabulary(
                kind: .words, tokens: ["\n", "say:", "\"no\"", "\\n", "😀é", "\0", "<unk>"],
                unknown: 6),
        ]
        for vocabulary in all {
            #expect(try Vocabulary(config: vocabulary.config) == vocabulary)
            let data = Data(vocabulary.config.json().utf8)
            let json = try JSONSerialization.jsonObject(with: data)
            #expect(try Vocabulary(config: value(json)) == vocabulary)
        }
    }

    @Test func brokenCheckpointsAreRefused() {
        let cases: [ConfigValue] = [
            .null, "words", ["tokens": ["a"]], ["kind": "letters", "tokens": ["a"]],
            ["kind": "words"], ["kind": "words", "tokens": "a"],
            ["kind": "words", "tokens": [1]], ["kind": "words", "tokens": ["a", "a"]],
            ["kind": "words", "tokens": ["a"], "unknown": 1],
            ["kind": "words", "tokens": ["a"], "unknown": 0.5],
            ["kind": "words", "tokens": ["a"], "unknown": "a"],
        ]
        for config in cases {
            #expect(throws: DataError.self) { try Vocabulary(config: config) }
        }
        #expect(throws: Never.self) {
            try Vocabulary(config: ["kind": "words", "tokens": ["a"], "unknown": 0.0])
        }
    }
}
