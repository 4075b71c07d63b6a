import StrataGraph

/// An order of 0..<count as a function of a key: nothing is stored, each place costs the same.
///
/// A Feistel network permutes the numbers of an even number of bits (Luby and Rackoff 1988);
/// numbers outside the range are permuted again until they fall into it, which keeps it a
/// permutation.
package struct ExampleOrder {
    private let count: Int
    private let key: UInt64
    private let half: UInt64
    private static let rounds: UInt64 = 8

    package init(count: Int, key: UInt64) {
        self.count = count
        self.key = key
        let bits = Int.bitWidth - max(0, count - 1).leadingZeroBitCount
        half = UInt64(max(1, (bits + 1) / 2))
    }

    /// The number at a place, both in 0..<count.
    package subscript(_ place: Int) -> Int {
        var number = UInt64(place)
        repeat { number = permuted(number) } while number >= UInt64(count)
        return Int(number)
    }

    private func permuted(_ number: UInt64) -> UInt64 {
        let mask = (UInt64(1) << half) - 1
        var (left, right) = (number >> half, number & mask)
        for round in 0..<Self.rounds {
            let mixed = RandomKey.mix(key ^ RandomKey.mix(right ^ (round << 56)))
            (left, right) = (right, left ^ (mixed & mask))
        }
        return left << half | right
    }
}
