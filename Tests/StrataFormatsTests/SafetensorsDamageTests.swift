import Foundation
import StrataFormats
import StrataSchema
import Testing

@Suite struct SafetensorsDamageTests {
    /// Reads a header that describes tensors of U8, over some bytes of data.
    private func kind(
        _ header: String, data: Int = 4, length: UInt64? = nil
    ) -> FormatError.Kind? {
        formatError {
            _ = try Safetensors(reading: file(header: header, data: data, length: length))
        }?.kind
    }

    private func tensor(
        _ name: String, _ shape: String, _ offsets: String, type: String = "U8"
    ) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    @Test func truncationAtEveryByteIsFound() throws {
        let whole = try sample(5).encoded()
        for count in 0..<whole.count {
            let error = formatError { _ = try Safetensors(reading: Array(whole[..<count])) }
            #expect(error?.kind == .truncated, "cut at \(count)")
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        let whole = try sample(5).encoded()
        #expect(try Safetensors(reading: whole).isVerified)
        for bit in 0..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << (bit % 8)
            let error = formatError { _ = try Safetensors(reading: flipped) }
            #expect(error?.category == .badData, "bit \(bit % 8) of byte \(bit / 8)")
        }
    }

    @Test func damageOfMoreThanABitIsFound() throws {
        let whole = try sample(5).encoded()
        for start in stride(from: 0, to: whole.count, by: 5) {
            for length in [2, 8, 32] where start + length <= whole.count {
                for filler: UInt8 in [0, 0x20, 0xFF] {
                    var damaged = whole
                    let range = start..<start + length
                    damaged.replaceSubrange(range, with: repeatElement(filler, count: length))
                    guard damaged != whole else { continue }
                    #expect(
                        formatError { _ = try Safetensors(reading: damaged) } != nil,
                        "\(start) \(length) \(filler)")
                }
            }
        }
    }

    @Test func messagesShowNamesWithoutSteeringATerminal() throws {
        let name = #"\u001b[31m\n"# + String(repeating: "x", count: 5000)
        let header = "{" + tensor(name, "[4]", "[0,9]") + "}"
        let error = try #require(
            formatError { _ = try Safetensors(reading: file(header: header, data: 4)) })
        #expect(error.kind == .sizeMismatch)
        #expect(error.message.hasPrefix("tensor '\u{FFFD}[31m xxx"))
        #expect(error.message.contains("x...'"))
        #expect(error.description.utf8.count < 400)
        let path = FormatError(.missing, "is absent", path: "a\u{1B}[2J")
        #expect(path.description == "a\u{FFFD}[2J: error: is absent")
    }

    @Test func tensorsOfTooManyDimensionsAreRefused() {
        let ones = "[" + [String](repeating: "1", count: 65).joined(separator: ",") + "]"
        #expect(kind("{" + tensor("a", ones, "[0,1]") + "}", data: 1) == .unsupported)
    }

    @Test func keysThatAreLostDoNotUnsealAFile() throws {
        let text = String(decoding: try sample(1).encoded(), as: UTF8.self)
        #expect(text.contains("strata.checksum"))
        for (old, new) in [
            ("strata.checksum", "xtrata.checksum"), ("strata.format", "xtrata.format"),
            (#"strata.format":"1"#, #"strata.format":"2"#), (#"{"__meta"#, #"{ "__met"#),
        ] {
            var damaged = try sample(1).encoded()
            let range = try #require(Data(damaged).range(of: Data(old.utf8)))
            damaged.replaceSubrange(range, with: new.utf8)
            #expect(formatError { _ = try Safetensors(reading: damaged) }?.category == .badData)
        }
    }

    @Test func trailingBytesAreFound() throws {
        let error = formatError { _ = try Safetensors(reading: sample(1).encoded() + [0]) }
        #expect(error?.kind == .trailingBytes)
        #expect(try error?.byteOffset == sample(1).encoded().count)
        #expect(kind("{}", data: 1) == .trailingBytes)
    }

    @Test func impossibleHeaderLengthsAreRefusedUnread() {
        #expect(kind("{}", data: 0, length: 1 << 63) == .headerTooLarge)
        #expect(kind("{}", data: 0, length: .max) == .headerTooLarge)
        #expect(kind("{}", data: 0, length: 100_000_001) == .headerTooLarge)
        #expect(kind("{}", data: 0, length: 100_000_000) == .truncated)
        #expect(kind("{}", data: 0, length: 3) == .truncated)
        #expect(kind("{}", data: 0, length: 1) == .headerInvalid)
        #expect(kind("{}", data: 0, length: 0) == .headerInvalid)
        #expect(kind("{}", data: 0) == nil)
        #expect(formatError { _ = try Safetensors(reading: [UInt8]()) }?.kind == .truncated)
    }

    @Test func offsetsMustCoverTheDataOnceEach() {
        let a = tensor("a", "[2]", "[0,2]")
        #expect(kind("{\(a),\(tensor("b", "[2]", "[2,4]"))}") == nil)
        #expect(kind("{\(a),\(tensor("b", "[2]", "[1,3]"))}") == .overlap)
        #expect(kind("{\(a),\(tensor("b", "[2]", "[0,2]"))}", data: 2) == .overlap)
        #expect(kind("{\(a),\(tensor("b", "[1]", "[3,4]"))}") == .hole)
        #expect(kind("{\(tensor("a", "[3]", "[1,4]"))}") == .hole)
        #expect(kind("{\(a),\(tensor("b", "[3]", "[2,5]"))}") == .truncated)
        #expect(kind("{\(a)}") == .trailingBytes)
        #expect(kind("{\(tensor("a", "[4]", "[4,0]"))}") == .offsetsInvalid)
        #expect(kind("{\(tensor("a", "[4]", "[-4,0]"))}") == .offsetsInvalid)
        let far = "[9223372036854775806,9223372036854775807]"
        #expect(kind("{\(tensor("a", "[1]", far))}") == .hole)
        #expect(kind("{\(tensor("a", "[1]", "[0,18446744073709551615]"))}") == .overflow)
        let many = (0..<1000).map { tensor("t\($0)", "[4]", "[0,4]") }.joined(separator: ",")
        #expect(kind("{\(many)}") == .overlap)
    }

    @Test func shapesMustFitTheirBytes() {
        #expect(kind("{\(tensor("a", "[4294967296,4294967296]", "[0,4]"))}") == .overflow)
        #expect(
            kind("{\(tensor("a", "[4611686018427387904]", "[0,4]", type: "F32"))}") == .overflow)
        #expect(kind("{\(tensor("a", "[4611686018427387904,4,0]", "[0,4]"))}") == .overflow)
        #expect(kind("{\(tensor("a", "[1e30]", "[0,4]"))}") == .overflow)
        #expect(kind("{\(tensor("a", "[3]", "[0,4]"))}") == .sizeMismatch)
        #expect(kind("{\(tensor("a", "[4]", "[0,4]", type: "F32"))}") == .sizeMismatch)
        #expect(kind("{\(tensor("a", "[-4]", "[0,4]"))}") == .headerInvalid)
        #expect(kind("{\(tensor("a", "[4.0]", "[0,4]"))}") == .headerInvalid)
        #expect(kind("{\(tensor("a", "[]", "[0,4]", type: "F32"))}") == nil)
        #expect(kind("{\(tensor("a", "[4]", "[0,4]", type: "F4"))}") == .unsupported)
        #expect(kind("{\(tensor("a", "[4]", "[0]"))}") == .headerInvalid)
        #expect(kind("{\(tensor("a", "[4]", "[0,2,4]"))}") == .headerInvalid)
    }

    @Test func namesMustBeUnique() {
        let a = tensor("a", "[2]", "[0,2]")
        #expect(kind("{\(a),\(tensor("a", "[2]", "[2,4]"))}") == .duplicateName)
        #expect(kind("{\(a),\(tensor(#"\u0061"#, "[2]", "[2,4]"))}") == .duplicateName)
        let accents = tensor("e\u{301}", "[2]", "[0,2]") + "," + tensor("\u{E9}", "[2]", "[2,4]")
        #expect(kind("{\(accents)}") == .duplicateName)
        #expect(kind(#"{"__metadata__":{"x":"1","x":"2"}}"#, data: 0) == .duplicateName)
    }

    @Test(arguments: [
        " {}", "[]", "{", "{}}", "{} x", "null", #"{"a":1}"#, #"{"a":{}}"#, #"{"a":[]}"#,
        #"{"a":{"dtype":8,"shape":[],"data_offsets":[0,0]}}"#,
        #"{"a":{"dtype":"U8","shape":0,"data_offsets":[0,0]}}"#,
        #"{"a":{"dtype":"U8","shape":[0]}}"#, #"{"__metadata__":[]}"#,
        #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":null}"#, "{\"\u{1}\":1}",
    ])
    func headersOfTheWrongFormAreRefused(header: String) {
        #expect(kind(header, data: 0) == .headerInvalid)
    }

    @Test func headerMayEndInSpacesAndMustBeUTF8() {
        #expect(kind("{}   ", data: 0) == nil)
        let bad = Array(#"{"__metadata__":{"a":""#.utf8) + [0xFF] + Array(#""}}"#.utf8)
        let error = formatError {
            _ = try Safetensors(reading: [UInt8(bad.count)] + [0, 0, 0, 0, 0, 0, 0] + bad)
        }
        #expect(error?.kind == .headerInvalid)
        #expect(error?.byteOffset == 29)
    }

    @Test func deepHeaderIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(kind("{\"a\":\(deep)", data: 0) == .headerInvalid)
    }
}
