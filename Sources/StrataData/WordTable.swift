/// Distinct words, numbered in the order of their first appearance.
///
/// Words are compared by their bytes: text that is only canonically equivalent stays distinct, as
/// Swift's own `String` keys would not keep it.
struct WordTable: Sendable {
    /// The distinct words one after another.
    private var bytes: [UInt8] = []
    /// Word w takes `bytes[starts[w]..<starts[w + 1]]`.
    private var starts = [0]
    /// Open addressing with a power of two of slots.
    private var slots = [Slot](repeating: Slot(tag: 0, number: -1), count: 1024)

    private struct Slot: Sendable {
        /// Bits of the word's hash that its place among the slots does not depend on.
        var tag: UInt32
        /// The word; -1: the slot is free.
        var number: Int32
    }

    /// How many distinct words there are.
    var count: Int { starts.count - 1 }

    /// The number of a word, or nil.
    func find(_ word: UnsafeBufferPointer<UInt8>) -> Int32? {
        let found = slots[slot(of: word, hash: hash(word))].number
        return found < 0 ? nil : found
    }

    /// The number of a word, a new one where the word is new.
    mutating func insert(_ word: UnsafeBufferPointer<UInt8>) -> Int32 {
        let hash = hash(word)
        let slot = slot(of: word, hash: hash)
        if slots[slot].number >= 0 { return slots[slot].number }
        let number = Int32(truncatingIfNeeded: count)
        slots[slot] = Slot(tag: Self.tag(hash), number: number)
        bytes.append(contentsOf: word)
        starts.append(bytes.count)
        if 2 * count > slots.count { grow() }
        return number
    }

    /// The text of a word.
    func text(of word: Int) -> String { String(decoding: utf8(of: word), as: UTF8.self) }

    /// The bytes of a word.
    func utf8(of word: Int) -> ArraySlice<UInt8> { bytes[starts[word]..<starts[word + 1]] }

    /// Calls `body` with the bytes of a word.
    func withUTF8<Result>(
        of word: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            body(UnsafeBufferPointer(rebasing: bytes[starts[word]..<starts[word + 1]]))
        }
    }

    private mutating func grow() {
        slots = [Slot](repeating: Slot(tag: 0, number: -1), count: 2 * slots.count)
        for number in 0..<count {
            let known = withUTF8(of: number) { hash($0) }
            var slot = Int(truncatingIfNeeded: known) & (slots.count - 1)
            while slots[slot].number >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Slot(tag: Self.tag(known), number: Int32(truncatingIfNeeded: number))
        }
    }

    /// The slot that holds the word, or the free one where it belongs.
    private func slot(of word: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        let tag = Self.tag(hash)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot].number >= 0 {
            if slots[slot].tag == tag, isEqual(Int(slots[slot].number), word) { break }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func isEqual(_ known: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = starts[known]
        guard starts[known + 1] - start == word.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            var differences: UInt8 = 0
            for index in 0..<word.count { differences |= bytes[start + index] ^ word[index] }
            return differences == 0
        }
    }

    // MARK: Hash

    /// Drawn anew in every process, so that no text can be made of colliding words.
    ///
    /// Nothing that leaves this type depends on it.
    private static let processSeed = UInt64.random(in: .min ... .max)
    private let seed = WordTable.processSeed

    private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    /// Multiplies eight bytes at a time into 128 bits and folds these.
    private func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawBufferPointer(word)
        var state = Self.mixed(seed, UInt64(truncatingIfNeeded: word.count))
        var at = 0
        while word.count - at > 8 {
            state = Self.mixed(state, raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        let rest = word.count - at
        let last: UInt64
        if rest >= 4 {
            // The two loads overlap where there are fewer than eight bytes.
            let low = raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)
            let high = raw.loadUnaligned(fromByteOffset: word.count - 4, as: UInt32.self)
            last = UInt64(low) | UInt64(high) << 32
        } else if rest > 0 {
            last =
                UInt64(word[at]) | UInt64(word[at + rest / 2]) << 8 | UInt64(word[at + rest - 1])
                << 16
        } else {
            last = 0
        }
        return Self.mixed(state, last)
    }

    @inline(__always)
    private static func mixed(_ state: UInt64, _ value: UInt64) -> UInt64 {
        let product = (state ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
            by: value ^ 0xD1B5_4A32_D192_ED03)
        return product.high ^ product.low
    }
}
