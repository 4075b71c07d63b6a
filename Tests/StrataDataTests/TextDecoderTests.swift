import StrataData
import Testing

@Suite struct TextDecoderTests {
    @Test func bytesAreHeldBackUntilACharacterIsComplete() {
        var decoder = TextDecoder(.bytes)
        let pieces = Array("aé😀".utf8).map { decoder.append(Int32($0)) }
        #expect(pieces == ["a", "", "é", "", "", "", "😀"])
        #expect(decoder.finish() == "")
    }

    @Test func anIncompleteCharacterEndsAsReplacement() {
        var decoder = TextDecoder(.bytes)
        #expect(decoder.append(0xF0) == "")
        #expect(decoder.append(0x9F) == "")
        #expect(decoder.append(0x41) == "\u{FFFD}A")
        #expect(decoder.append(0xC3) == "")
        #expect(decoder.finish() == "\u{FFFD}")
        #expect(decoder.finish() == "")
        #expect(decoder.append(-1) == "\u{FFFD}")
    }

    @Test func anyBytesBecomeWhatTheStandardDecoderMakesOfThem() {
        // Bytes that make incomplete, overlong and surrogate sequences likely.
        let bytes: [UInt8] = [
            0x41, 0x80, 0xBF, 0xC1, 0xC3, 0xE0, 0xE2, 0xED, 0xA0, 0xF0, 0x90, 0xF4,
        ]
        var state: UInt64 = 1
        for _ in 0..<2000 {
            let text = (0..<12).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return bytes[Int(state >> 33) % bytes.count]
            }
            let decoded = Vocabulary.bytes.text(of: text.map { Int32($0) })
            #expect(decoded.utf8.elementsEqual(String(decoding: text, as: UTF8.self).utf8))
        }
    }

    @Test func wordsGetSpacesBetweenThemAndNoneBesideNewlines() throws {
        let vocabulary = try Vocabulary(kind: .words, tokens: ["\n", "a", "b"])
        var decoder = TextDecoder(vocabulary)
        #expect(
            [1, 2, 0, 0, 1, 2].map { decoder.append($0) } == ["a", " b", "\n", "\n", "a", " b"])
        #expect(decoder.finish() == "")
        #expect(decoder.append(1) == "a")
        #expect(try vocabulary.text(of: vocabulary.encode("  a \t b\r\na ")) == "a b\na")
    }

    @Test func generationGoesOnAfterAPrompt() throws {
        let vocabulary = try Vocabulary(kind: .words, tokens: ["a", "b"])
        var decoder = TextDecoder(vocabulary)
        for token in try vocabulary.encode("a b") { _ = decoder.append(token) }
        #expect(decoder.append(0) == " a")
    }
}
