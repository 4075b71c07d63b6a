import StrataSchema

/// Turns the parser's marks, which count code points, into locations, which count characters.
struct Locator {
    private let file: String
    private let lines: [Substring]
    private let firstLine: Int
    private let firstColumn: Int
    // Nodes come in the order of the text, so one line's table serves all nodes of the line.
    private var tableLine = -1
    private var table: [Int] = []

    /// Creates a locator for a text that starts at `firstLine` and `firstColumn` of `file`.
    init(text: String, file: String, firstLine: Int = 1, firstColumn: Int = 1) {
        self.file = file
        self.firstLine = firstLine
        self.firstColumn = firstColumn
        lines = SourceTexts.lines(of: text)
    }

    /// The location from `start` up to `end`; on several lines, up to the end of the first.
    mutating func location(from start: Mark, to end: Mark) -> SourceLocation {
        let first = column(at: start)
        let last =
            end.line == start.line
            ? column(at: end) : Self.trimmedCount(of: line(start.line))
        return location(line: start.line, column: first, length: last - first)
    }

    /// The location of the one character at a mark; at the end of the text, its last line's end.
    mutating func location(at mark: Mark) -> SourceLocation {
        if mark.line >= lines.count - 1, line(mark.line).isEmpty,
            let last = lines.lastIndex(where: { !$0.allSatisfy(\.isWhitespace) })
        {
            return location(line: last, column: Self.trimmedCount(of: lines[last]), length: 1)
        }
        return location(line: mark.line, column: column(at: mark), length: 1)
    }

    /// The location of the character after `text`, which is the beginning of this text.
    func location(after text: String) -> SourceLocation {
        let before = SourceTexts.lines(of: text)
        return location(line: before.count - 1, column: before.last?.count ?? 0, length: 1)
    }

    /// The character at a mark, or nil at the end of a line.
    mutating func character(at mark: Mark) -> Character? {
        line(mark.line).dropFirst(column(at: mark)).first
    }

    private func line(_ index: Int) -> Substring {
        lines.indices.contains(index) ? lines[index] : ""
    }

    private func location(line: Int, column: Int, length: Int) -> SourceLocation {
        SourceLocation(
            file: file, line: line + firstLine,
            column: column + (line == 0 ? firstColumn : 1), length: length)
    }

    /// The index in characters of the code point at a mark.
    private mutating func column(at mark: Mark) -> Int {
        if tableLine != mark.line {
            tableLine = mark.line
            table.removeAll(keepingCapacity: true)
            for (index, character) in line(mark.line).enumerated() {
                for _ in character.unicodeScalars { table.append(index) }
            }
        }
        let end = (table.last ?? -1) + 1
        return table.indices.contains(mark.column) ? table[mark.column] : end
    }

    private static func trimmedCount(of line: Substring) -> Int {
        line.count - line.reversed().prefix(while: \.isWhitespace).count
    }
}
