/// Distinct words, numbered in the order of their first appearance.
///
/// Words are compared by their bytes: text that is only canonically equivalent stays distinct, as
/// Swift's own `String` keys would not keep it.
struct WordTable: Sendable {
    /// The distinct words one after another.
    private var bytes: [UInt8] = []
    /// Word w takes `bytes[starts[w]..<starts[w + 1]]`.
    private var starts = [0]
    private var hashes: [Int] = []
    /// Open addressing with a power of two of slots; -1: free.
    private var slots = [Int32](repeating: -1, count: 1024)

    /// How many distinct words there are.
    var count: Int { hashes.count }

    /// The number of a word, or nil.
    func find(_ word: UnsafeBufferPointer<UInt8>) -> Int32? {
        let found = slots[slot(of: word, hash: Self.hash(word))]
        return found < 0 ? nil : found
    }

    /// The number of a word, a new one where the word is new.
    mutating func insert(_ word: UnsafeBufferPointer<UInt8>) -> Int32 {
        let hash = Self.hash(word)
        let slot = slot(of: word, hash: hash)
        if slots[slot] >= 0 { return slots[slot] }
        let number = Int32(truncatingIfNeeded: hashes.count)
        slots[slot] = number
        hashes.append(hash)
        bytes.append(contentsOf: word)
        starts.append(bytes.count)
        if 2 * hashes.count > slots.count { grow() }
        return number
    }

    /// The text of a word.
    func text(of word: Int) -> String { String(decoding: utf8(of: word), as: UTF8.self) }

    /// The bytes of a word.
    func utf8(of word: Int) -> ArraySlice<UInt8> { bytes[starts[word]..<starts[word + 1]] }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: 2 * slots.count)
        for (number, hash) in hashes.enumerated() {
            var slot = hash & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: number)
        }
    }

    /// The slot that holds the word, or the free one where it belongs.
    private func slot(of word: UnsafeBufferPointer<UInt8>, hash: Int) -> Int {
        var slot = hash & (slots.count - 1)
        while slots[slot] >= 0 {
            let other = Int(slots[slot])
            if hashes[other] == hash, isEqual(other, word) { break }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func isEqual(_ known: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = starts[known]
        guard starts[known + 1] - start == word.count else { return false }
        for index in word.indices where bytes[start + index] != word[index] { return false }
        return true
    }

    /// Seeded anew in every process, so that no text can be made of colliding words.
    ///
    /// Nothing that leaves this type depends on it.
    private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(word))
        return hasher.finalize()
    }
}
