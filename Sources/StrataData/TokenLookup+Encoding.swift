/// How far tokens were made from bytes.
struct Encoding {
    /// Tokens that were written.
    var tokens = 0
    /// Bytes that they were made of, with what separates them.
    var bytes = 0
    /// Whether what follows has no token, or is no text.
    var isStuck = false
}

extension TokenLookup {
    /// Makes tokens from bytes until one of both comes to its end.
    ///
    /// - Parameters:
    ///   - isEnd: whether nothing follows the bytes; otherwise a last word or character that may
    ///     go on is left.
    ///   - unknown: the token of what is not in the vocabulary; nil: there is none.
    ///   - numbers: where the tokens go.
    func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, isEnd: Bool, unknown: Int?,
        into numbers: UnsafeMutableBufferPointer<Int32>
    ) -> Encoding {
        switch self {
        case .bytes:
            let count = min(bytes.count, numbers.count)
            for index in 0..<count { numbers[index] = Int32(bytes[index]) }
            return Encoding(tokens: count, bytes: count)
        case .characters(let table):
            let done = table.withLatin {
                Self.encodeCharacters(bytes, isEnd, table, latin: $0, into: numbers)
            }
            return Self.upToUnknown(done, bytes, UnsafeBufferPointer(numbers))
        case .words(let table):
            let other = Int32(unknown ?? -1)
            return Self.encodeWords(bytes, isEnd, table, other, into: numbers)
        }
    }

    private static func encodeCharacters(
        _ bytes: UnsafeBufferPointer<UInt8>, _ isEnd: Bool, _ table: ScalarTable<Int32>,
        latin: UnsafeBufferPointer<Int32>, into numbers: UnsafeMutableBufferPointer<Int32>
    ) -> Encoding {
        var done = Encoding()
        while done.bytes < bytes.count, done.tokens < numbers.count {
            if min(bytes.count - done.bytes, numbers.count - done.tokens) >= 8 {
                // Eight numbers at once; those from the first that is not ASCII on are replaced.
                let word = UTF8Rules.word(bytes, done.bytes)
                for index in 0..<8 {
                    let byte = Int((word >> UInt64(8 * index)) & 255)
                    numbers[done.tokens + index] = latin[byte]
                }
                let plain = UTF8Rules.plainCount(word)
                done.bytes += plain
                done.tokens += plain
                if plain == 8 { continue }
            }
            if bytes[done.bytes] < 0x80 {
                numbers[done.tokens] = latin[Int(bytes[done.bytes])]
                done.bytes += 1
                done.tokens += 1
                continue
            }
            // Characters that are not ASCII mostly come together.
            repeat {
                guard let scalar = UTF8Rules.wideScalar(in: bytes, at: done.bytes) else {
                    let length = UTF8Rules.length(of: bytes[done.bytes])
                    done.isStuck = isEnd || done.bytes + length <= bytes.count
                    return done
                }
                numbers[done.tokens] = table[scalar.value]
                done.bytes += scalar.length
                done.tokens += 1
            } while done.bytes < bytes.count && done.tokens < numbers.count
                && bytes[done.bytes] >= 0x80
        }
        return done
    }

    /// Takes back what was made from the first character on that has no token.
    private static func upToUnknown(
        _ done: Encoding, _ bytes: UnsafeBufferPointer<UInt8>,
        _ numbers: UnsafeBufferPointer<Int32>
    ) -> Encoding {
        var signs: Int32 = 0
        for index in 0..<done.tokens { signs |= numbers[index] }
        guard signs < 0 else { return done }
        var known = Encoding(isStuck: true)
        while numbers[known.tokens] >= 0 {
            known.bytes += UTF8Rules.length(of: bytes[known.bytes])
            known.tokens += 1
        }
        return known
    }

    private static func encodeWords(
        _ bytes: UnsafeBufferPointer<UInt8>, _ isEnd: Bool, _ table: WordTable,
        _ other: Int32, into numbers: UnsafeMutableBufferPointer<Int32>
    ) -> Encoding {
        var done = Encoding()
        while done.tokens < numbers.count {
            guard let word = WordSplitter.next(in: bytes, from: done.bytes) else {
                done.bytes = bytes.count
                break
            }
            done.bytes = word.lowerBound
            // A newline ends where it stands; a word may go on.
            let mayGoOn = word.upperBound == bytes.count && bytes[word.lowerBound] != 0x0A
            if mayGoOn, !isEnd { break }
            let number = table.find(UnsafeBufferPointer(rebasing: bytes[word])) ?? other
            if number < 0 {
                done.isStuck = true
                break
            }
            numbers[done.tokens] = number
            done.tokens += 1
            done.bytes = word.upperBound
        }
        return done
    }
}
