/// Tokens of one stream around its present window, kept so that most windows read nothing.
struct TokenWindow: Sendable {
    private var numbers: [Int32] = []
    /// The places of the row whose tokens are held.
    private(set) var held = 0..<0
    /// Behind the held tokens; nil where none are held.
    private var end: TokenPlace?

    /// Makes sure that the tokens of `places` are held, and calls `body` with them.
    ///
    /// - Parameter capacity: tokens to hold, at least as many as there are places.
    mutating func with(
        _ places: Range<Int>, of tokens: Tokens, capacity: Int, scratch: inout [UInt8],
        _ body: (UnsafeBufferPointer<Int32>) -> Void
    ) throws(DataError) {
        if places.lowerBound < held.lowerBound || places.upperBound > held.upperBound {
            try load(places, of: tokens, capacity: capacity, scratch: &scratch)
        }
        let start = places.lowerBound - held.lowerBound
        numbers.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[start..<start + places.count]))
        }
    }

    private mutating func load(
        _ places: Range<Int>, of tokens: Tokens, capacity: Int, scratch: inout [UInt8]
    ) throws(DataError) {
        if numbers.isEmpty { numbers = [Int32](repeating: 0, count: capacity) }
        let (old, first) = (held, places.lowerBound)
        let count = min(capacity, tokens.count - first)
        var place: TokenPlace
        var kept = 0
        // Windows follow each other, so the first tokens often are there already.
        if let end, (old.lowerBound...old.upperBound).contains(first) {
            place = end
            kept = old.upperBound - first
            for index in 0..<kept { numbers[index] = numbers[first - old.lowerBound + index] }
        } else {
            place = try tokens.place(of: first, scratch: &scratch)
        }
        // Nothing is held where reading fails.
        (held, end) = (0..<0, nil)
        try numbers.withUnsafeMutableBufferPointer { numbers throws(DataError) in
            let free = UnsafeMutableBufferPointer(rebasing: numbers[kept..<count])
            try tokens.read(at: &place, into: free, scratch: &scratch)
        }
        end = place
        held = first..<first + count
    }
}
