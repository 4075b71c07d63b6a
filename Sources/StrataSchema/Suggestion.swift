/// Did-you-mean: the known names nearest to a mistyped one.
package enum Suggestion {
    /// How many names a hint lists.
    private static let listed = 30
    /// How many known names are compared; there may be as many as a vocabulary has words.
    private static let compared = 20_000

    /// The hint for an unknown name: the nearest known name, or the list of them.
    package static func hint(for name: String, among known: [String]) -> String? {
        if let nearest = nearest(to: name, among: known) { return "did you mean '\(nearest)'?" }
        guard !known.isEmpty else { return nil }
        return "known: " + known.listed(upTo: listed)
    }

    /// The known name within a third of the length of edits, or nil.
    package static func nearest(to name: String, among known: [String]) -> String? {
        let folded = fold(name)
        let limit = max(1, min(4, (folded.count + 2) / 3))
        var best: (name: String, distance: Int)?
        for candidate in known.prefix(compared) {
            let other = fold(candidate)
            // It takes as many edits at least.
            guard abs(other.count - folded.count) <= limit else { continue }
            let distance = distance(folded, other)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    private static func fold(_ name: String) -> [Character] {
        // A name longer than any key cannot be a near miss; cutting it bounds the work.
        Array(name.prefix(64).lowercased().replacing("-", with: "_"))
    }

    /// Edits (insert, delete, replace, swap of neighbours) that turn one text into the other.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                let replace = last[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(replace, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
