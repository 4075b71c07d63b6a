/// Tokens of one stream around its present window, kept so that most windows read nothing.
struct TokenWindow: Sendable {
    private var numbers: [Int32] = []
    /// The places of the row whose tokens are held.
    private(set) var held = 0..<0
    /// Behind the held tokens.
    private var end = TokenPlace(token: 0, offset: 0)

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
        // Windows follow each other, so the first tokens often are there already.
        let isNext = held.contains(places.lowerBound) || held.upperBound == places.lowerBound
        let kept =
            isNext ? places.lowerBound..<held.upperBound : places.lowerBound..<places.lowerBound
        let old = held
        // Nothing is held where reading fails.
        held = 0..<0
        var place = isNext ? end : try tokens.place(of: places.lowerBound, scratch: &scratch)
        for (index, number) in kept.enumerated() {
            numbers[index] = numbers[number - old.lowerBound]
        }
        let count = min(capacity, tokens.count - places.lowerBound)
        try numbers.withUnsafeMutableBufferPointer { numbers throws(DataError) in
            let free = UnsafeMutableBufferPointer(rebasing: numbers[kept.count..<count])
            try tokens.read(at: &place, into: free, scratch: &scratch)
        }
        end = place
        held = places.lowerBound..<places.lowerBound + count
    }
}
