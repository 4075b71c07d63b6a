import Foundation
import StrataSchema

/// A character or word that a vocabulary does not hold.
struct UnknownText {
    let text: String
    /// Which token of the text it is, counted from 1.
    let position: Int

    /// What the vocabulary has no token for at the start of `bytes`.
    init(_ bytes: ContiguousArray<UInt8>.SubSequence, kind: TokenKind, position: Int) {
        self.position = position
        if kind == .words {
            let end = bytes.withUnsafeBufferPointer {
                WordSplitter.next(in: $0, from: 0)?.upperBound ?? $0.count
            }
            text = String(decoding: bytes.prefix(end), as: UTF8.self)
        } else {
            let first = String(decoding: bytes.prefix(4), as: UTF8.self).unicodeScalars.first
            text = first.map { String(Character($0)) } ?? ""
        }
    }

    /// The text in quotes where it can be seen, and the code of a single character.
    var description: String {
        let scalars = text.unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else { return "'\(text.prefix(60))'" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return Self.isVisible(scalar) ? "'\(text)' (\(code))" : code
    }

    /// What the vocabulary has that is like it, or a few of its tokens.
    func hint(for vocabulary: Vocabulary) -> String {
        // Words are sorted by frequency; the rare ones are not worth a long search.
        let known = vocabulary.tokens.prefix(20_000)
        let seen = known.filter { token in token.unicodeScalars.allSatisfy(Self.isVisible) }
        let near =
            vocabulary.kind == .words
            ? [Suggestion.nearest(to: text, among: seen)].compactMap { $0 }
            : lookalikes.filter { candidate in
                known.contains { $0.utf8.elementsEqual(candidate.utf8) }
            }
        if !near.isEmpty {
            return "the vocabulary has " + near.prefix(4).map { "'\($0)'" }.joined(separator: ", ")
        }
        if seen.isEmpty { return "the vocabulary has only \(nameOfSpace(in: vocabulary))" }
        // Letters say more about a vocabulary than the punctuation that sorts before them.
        let letters = seen.filter { $0.first?.isLetter ?? false }
        let examples = (letters.isEmpty ? seen : letters).prefix(6).map { "'\($0)'" }
        if vocabulary.count == 1 { return "the vocabulary has only " + examples.joined() }
        return "the vocabulary has \(vocabulary.count) \(vocabulary.kind), such as "
            + examples.joined(separator: ", ")
    }

    /// A vocabulary of nothing that can be seen, in words.
    private func nameOfSpace(in vocabulary: Vocabulary) -> String {
        let isNewline = vocabulary.tokens.allSatisfy { $0.utf8.elementsEqual("\n".utf8) }
        return isNewline ? "the newline" : "white space and control characters"
    }

    /// Characters that a reader would take for this one: other case, no accent, plain punctuation.
    private var lookalikes: [String] {
        let plain = text.decomposedStringWithCompatibilityMapping.unicodeScalars.first
        let base = plain.map { String(Character($0)) } ?? text
        let typed = Self.plainPunctuation.first { $0.key.utf8.elementsEqual(text.utf8) }?.value
        var found: [String] = []
        for candidate in [
            typed, base, text.lowercased(), text.uppercased(), base.lowercased(),
            base.uppercased(),
        ] {
            if let candidate, !found.contains(candidate) { found.append(candidate) }
        }
        return found
    }

    private static let plainPunctuation: KeyValuePairs<String, String> = [
        "\u{2018}": "'", "\u{2019}": "'", "\u{201C}": "\"", "\u{201D}": "\"", "\u{2013}": "-",
        "\u{2014}": "-", "\u{2026}": ".", "\u{00A0}": " ", "\t": " ",
    ]

    private static func isVisible(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }
}
