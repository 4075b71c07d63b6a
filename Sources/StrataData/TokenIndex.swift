/// Where some of a text's tokens start, so that others are found near them.
struct TokenIndex: Sendable {
    /// A token and the offset of its first byte.
    struct Entry: Sendable {
        var token: Int
        var offset: Int
    }

    /// Bytes from one entry to the next, unless a token is longer.
    static let stride = 1 << 13

    private var entries: [Entry] = []

    /// Appends the entries of the next block of a text, whose tokens are counted from `first`.
    mutating func append(_ block: [Entry], first: Int) {
        for entry in block {
            entries.append(Entry(token: first + entry.token, offset: entry.offset))
        }
    }

    /// The last entry that is not behind a token.
    func entry(before token: Int) -> Entry {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].token <= token { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? entries[low - 1] : Entry(token: 0, offset: 0)
    }
}
