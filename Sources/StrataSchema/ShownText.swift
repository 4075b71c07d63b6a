extension String {
    /// A name or value that a file gives, as a message shows it: printable, and not too long to read.
    package var shown: String {
        let scalars = unicodeScalars.prefix(100)
        let isWhole = scalars.endIndex == unicodeScalars.endIndex
        return String(String.UnicodeScalarView(scalars)).printable + (isWhole ? "" : "…")
    }

    /// A message of several lines, each of them printable.
    package var printableLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
            .joined(separator: "\n")
    }
}
