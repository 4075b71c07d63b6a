/// Writes diagnostics the way compilers do: place, message, source line, caret, remedy.
public struct DiagnosticRenderer: Sendable {
    private let texts: SourceTexts

    /// Creates a renderer that quotes lines of `texts`.
    public init(texts: SourceTexts) { self.texts = texts }

    /// The diagnostic as lines of text without a final newline.
    public func render(_ diagnostic: Diagnostic) -> String {
        var text = entry(
            "error", diagnostic.message, diagnostic.location, path: diagnostic.path,
            hint: diagnostic.hint)
        for note in diagnostic.notes {
            text += "\n" + entry("note", note.message, note.location, path: [], hint: nil)
        }
        return text
    }

    private func entry(
        _ severity: String, _ message: String, _ location: SourceLocation?, path: [String],
        hint: String?
    ) -> String {
        let message = message.printable
        let hint = hint?.printable
        guard let location else {
            let place = path.isEmpty ? "" : path.dotted.printable + ": "
            return place + "\(severity): \(message)" + (hint.map { "\n    \($0)" } ?? "")
        }
        let head = "\(location.description.printable): \(severity): \(message)"
        guard let line = texts.line(at: location), !line.allSatisfy(\.isWhitespace) else {
            return head + (hint.map { "\n    \($0)" } ?? "")
        }
        let excerpt = Excerpt(line: line, column: location.column, length: location.length)
        return head + "\n    \(excerpt.line)\n    \(excerpt.caret)" + (hint.map { " \($0)" } ?? "")
    }
}

/// A source line shortened to what fits around the caret, and the caret line below it.
private struct Excerpt {
    var line: String
    var caret: String

    private static let width = 100

    init(line source: Substring, column: Int, length: Int) {
        // A line may be as long as a file, and each of its mistakes shows a piece of it.
        let wanted = max(0, column - 1)
        let first = wanted > Self.width - 20 ? wanted - 40 : 0
        let rest = source.dropFirst(first)
        let piece = rest.prefix(Self.width)
        let prefix = first > 0 ? "..." : ""
        line = prefix + String(piece).printable + (piece.endIndex < source.endIndex ? "..." : "")
        let start = min(wanted - first, piece.count)
        let shown = max(1, min(length, piece.count - start))
        caret =
            String(repeating: " ", count: prefix.count + start) + "^"
            + String(repeating: "~", count: shown - 1)
    }
}
