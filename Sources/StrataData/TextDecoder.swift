/// Puts tokens together to text as they come, for generation that shows its text at once.
///
/// - Characters are shown as they are.
/// - Bytes are held back until they complete a character; bytes that cannot become one are shown
///   as U+FFFD.
/// - Words get one space between them, and none beside a newline.
///
/// To go on after a prompt, append the prompt's tokens first and drop what that returns.
public struct TextDecoder: Sendable {
    private let vocabulary: Vocabulary
    /// The bytes of a character that is not complete.
    private var pending: [UInt8] = []
    private var followsWord = false

    /// Creates a decoder at the start of a text.
    public init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

    /// The text that a further token completes; may be empty.
    public mutating func append(_ token: Int32) -> String {
        switch vocabulary.kind {
        case .characters: return vocabulary.text(of: token)
        case .words: return append(word: vocabulary.text(of: token))
        case .bytes:
            guard let byte = UInt8(exactly: token) else { return finish() + "\u{FFFD}" }
            return append(byte: byte)
        }
    }

    /// The text that is still held back, U+FFFD for an incomplete character; then starts anew.
    public mutating func finish() -> String {
        defer {
            pending.removeAll()
            followsWord = false
        }
        return pending.isEmpty ? "" : "\u{FFFD}"
    }

    private mutating func append(word: String) -> String {
        let isNewline = word.utf8.elementsEqual("\n".utf8)
        defer { followsWord = !isNewline }
        return followsWord && !isNewline ? " " + word : word
    }

    private mutating func append(byte: UInt8) -> String {
        var text = ""
        if let lead = pending.first {
            if UTF8Rules.isContinuation(byte, of: lead, at: pending.count) {
                pending.append(byte)
                guard pending.count == UTF8Rules.length(of: lead) else { return "" }
                defer { pending.removeAll(keepingCapacity: true) }
                return String(decoding: pending, as: UTF8.self)
            }
            text = "\u{FFFD}"
            pending.removeAll(keepingCapacity: true)
        }
        switch UTF8Rules.length(of: byte) {
        case 0: return text + "\u{FFFD}"
        case 1: return text + String(UnicodeScalar(byte))
        default:
            pending.append(byte)
            return text
        }
    }
}
