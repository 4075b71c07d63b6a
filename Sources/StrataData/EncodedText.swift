/// A text whose tokens are made when they are read.
struct EncodedText: Sendable {
    let text: JoinedText
    let vocabulary: Vocabulary
    /// Where some tokens start; nil: every byte is a token.
    let index: TokenIndex?
    /// Tokens in all.
    let count: Int

    /// The place in front of a token.
    func place(
        of token: Int, scratch: inout [UInt8]
    ) throws(DataError) -> TokenPlace {
        guard let index else { return TokenPlace(token: token, offset: token) }
        let entry = index.entry(before: token)
        var place = TokenPlace(token: entry.token, offset: entry.offset)
        var passed = [Int32](repeating: 0, count: token - entry.token)
        try passed.withUnsafeMutableBufferPointer { passed throws(DataError) in
            try read(at: &place, into: passed, scratch: &scratch)
        }
        return place
    }

    /// Fills `numbers` with the tokens that follow a place, and moves the place behind them.
    ///
    /// - Parameter scratch: memory for bytes, which grows to what is needed.
    func read(
        at place: inout TokenPlace, into numbers: UnsafeMutableBufferPointer<Int32>,
        scratch: inout [UInt8]
    ) throws(DataError) {
        var done = 0
        var least = 64
        while done < numbers.count {
            let rest = UnsafeMutableBufferPointer(rebasing: numbers[done...])
            let (step, isEnd) = try encode(at: place.offset, least: least, rest, &scratch)
            // What had a token when the text was first read has one now, or is not the same.
            if step.isStuck || (isEnd && step.tokens < rest.count) {
                throw TextFile.changed(text.place(of: min(place.offset, text.count - 1)).path)
            }
            // A word longer than the bytes.
            if step.bytes == 0 { least *= 4 }
            done += step.tokens
            place.token += step.tokens
            place.offset += step.bytes
        }
    }

    private func encode(
        at offset: Int, least: Int, _ numbers: UnsafeMutableBufferPointer<Int32>,
        _ scratch: inout [UInt8]
    ) throws(DataError) -> (Encoding, isEnd: Bool) {
        // About as many bytes as the tokens have, and not too many at once.
        let average = index == nil ? 1 : text.count / max(1, count) + 1
        let wanted = max(least, min(numbers.count * average, 1 << 16))
        let length = min(wanted, text.count - offset)
        if scratch.count < length { scratch = [UInt8](repeating: 0, count: length) }
        let isEnd = offset + length == text.count
        let step = try scratch.withUnsafeMutableBufferPointer { scratch throws(DataError) in
            let bytes = UnsafeMutableBufferPointer(rebasing: scratch[..<length])
            try text.read(from: offset, into: bytes)
            return vocabulary.encode(UnsafeBufferPointer(bytes), isEnd: isEnd, into: numbers)
        }
        return (step, isEnd)
    }
}
