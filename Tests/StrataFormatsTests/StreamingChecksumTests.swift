import StrataFormats
import Testing

@Suite struct StreamingChecksumTests {
    private func checksum(_ parts: [ArraySlice<UInt8>]) -> UInt64 {
        var checksum = StreamingChecksum()
        for part in parts { checksum.update(part) }
        return checksum.value()
    }

    private let text = (0..<200).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }

    @Test func howTheBytesAreCutDoesNotMatter() {
        let whole = checksum([text[...]])
        for first in 0...text.count {
            for second in [first, (first + text.count) / 2, text.count] {
                let parts = [text[..<first], text[first..<second], text[second...]]
                #expect(checksum(parts) == whole)
            }
        }
        #expect(checksum(text.indices.map { text[$0...$0] }) == whole)
    }

    @Test func everyFlippedBitAndEveryLengthChangeIt() {
        for count in [0, 1, 7, 8, 31, 32, 33, 64, 100] {
            let bytes = Array(text[..<count])
            var seen: Set<UInt64> = [checksum([bytes[...]])]
            for bit in 0..<count * 8 {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << (bit % 8)
                seen.insert(checksum([flipped[...]]))
            }
            #expect(seen.count == count * 8 + 1)
        }
        let zeros = [UInt8](repeating: 0, count: 200)
        #expect(Set((0...200).map { checksum([zeros[..<$0]]) }).count == 201)
    }

    @Test func anyTwoFlippedBitsChangeIt() {
        var seen: Set<UInt64> = []
        var bytes = Array(text[..<72])
        let bits = 72 * 8
        for first in 0..<bits {
            bytes[first / 8] ^= 1 << (first % 8)
            for second in first + 1..<bits {
                bytes[second / 8] ^= 1 << (second % 8)
                seen.insert(checksum([bytes[...]]))
                bytes[second / 8] ^= 1 << (second % 8)
            }
            bytes[first / 8] ^= 1 << (first % 8)
        }
        #expect(seen.count == bits * (bits - 1) / 2)
    }

    @Test func flippedBitsSpreadOverTheWholeValue() {
        let whole = checksum([text[...]])
        var changed = 0
        for bit in 0..<text.count * 8 {
            var flipped = text
            flipped[bit / 8] ^= 1 << (bit % 8)
            changed += (whole ^ checksum([flipped[...]])).nonzeroBitCount
        }
        let mean = Double(changed) / Double(text.count * 8)
        #expect(abs(mean - 32) < 1)
    }

    /// Computed by a Python program written from the documented formulas alone.
    @Test func valuesStayWhatTheyAreInFilesOnDisk() {
        #expect(checksum([]) == 0x53AB_CF9A_DD9E_E3F9)
        #expect(checksum([text[...]]) == 0x6B95_AC2E_6B3F_04B9)
    }
}
