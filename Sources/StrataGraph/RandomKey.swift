import Foundation

/// Keys of counter-based random numbers: a number is a function of its key, so nothing is stored.
package enum RandomKey {
    /// Spreads every bit of the input over the output (the finalizer of SplitMix64, Steele 2014).
    package static func mix(_ value: UInt64) -> UInt64 {
        var x = value &+ 0x9E37_79B9_7F4A_7C15
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        return x ^ (x >> 31)
    }

    /// The key of a stream of numbers within a seed: one for each purpose and index.
    package static func derive(seed: UInt64, purpose: String, index: UInt64 = 0) -> UInt64 {
        mix(mix(seed ^ hash(purpose)) ^ index)
    }

    /// What a layer's random numbers follow from, besides the step: a hash of its name.
    package static func layer(named name: String) -> Int { Int(truncatingIfNeeded: hash(name)) }

    /// A hash of a text that never changes (FNV-1a, 64 bits).
    package static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// A stream of random numbers that is determined by its key: number n, from 1, is `mix(key ^ mix(n))`.
package struct CounterRandom: RandomNumberGenerator, Sendable {
    private let key: UInt64
    private var counter: UInt64 = 0

    package init(key: UInt64) { self.key = key }

    package mutating func next() -> UInt64 {
        counter &+= 1
        return RandomKey.mix(key ^ RandomKey.mix(counter))
    }

    /// A number at least 0 and less than 1.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A normally distributed number of mean 0 and variance 1 (Box and Muller 1958).
    package mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }
}
