extension String {
    /// The text without characters that would steer the terminal that shows it.
    package var printable: String { String(map(\.printable)) }

    /// A message of several lines, each of them printable.
    package var printableLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
            .joined(separator: "\n")
    }

    /// The text, or its beginning and an ellipsis where it is longer than `count` Unicode scalars, of which a
    /// single character may have any number.
    package func cut(to count: Int) -> String {
        let start = unicodeScalars.prefix(count)
        return start.endIndex == unicodeScalars.endIndex ? self : String(start) + "..."
    }

    /// A name or value that a file gives, as a message shows it: printable, and not too long to read.
    package var shown: String { cut(to: 100).printable }
}

extension [String] {
    /// The texts one after the other, the first of them where there are more than `count`.
    package func listed(_ separator: String = ", ", upTo count: Int = 20) -> String {
        (prefix(count) + (self.count > count ? ["..."] : [])).joined(separator: separator)
    }
}

extension Character {
    /// The character itself, a space for white space, or U+FFFD for what must not be printed.
    package var printable: Character {
        if isNewline || self == "\t" { return " " }
        return unicodeScalars.contains(where: Self.steers) ? "\u{FFFD}" : self
    }

    /// Control characters, and those that reverse the direction of the text after them.
    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069: true
        default: scalar.properties.generalCategory == .control
        }
    }
}
