import StrataFormats
import StrataSchema
import Testing

@Suite struct JSONReaderTests {
    private func failure(_ text: String) -> JSONReader.Failure? {
        do { _ = try JSONReader.read(text) } catch { return error }
        return nil
    }

    @Test func readsEveryKindOfValueInOrder() throws {
        let text = #" {"b": [1, -2.5, 1e3, true, false, null], "a": {}, "": [], "c": "x"} "#
        #expect(
            try JSONReader.read(text) == [
                "b": [1, -2.5, .double(1000), true, false, .null], "a": .map([]), "": .list([]),
                "c": "x",
            ])
    }

    @Test(arguments: [
        (#""\u0041\n\t\"\\\/\b\f\r""#, "A\n\t\"\\/\u{8}\u{C}\r"), (#""\ud83d\ude00é""#, "😀é"),
        (#""\u0000""#, "\0"),
    ])
    func unescapesStrings(json: String, text: String) throws {
        #expect(try JSONReader.read(json) == .string(text))
    }

    @Test func moreValuesThanAllowedAreRefused() throws {
        let text = Array(#"{"a":[1,2,3]}"#.utf8)[...]
        #expect(try JSONReader.read(text, valueLimit: 5) == ["a": [1, 2, 3]])
        let failure = #expect(throws: JSONReader.Failure.self) {
            try JSONReader.read(text, valueLimit: 4)
        }
        #expect(failure?.message == "more than 4 values")
    }

    @Test func numbersKeepTheirKindAndSign() throws {
        #expect(try JSONReader.read("9223372036854775807") == .int(.max))
        #expect(try JSONReader.read("-9223372036854775808") == .int(.min))
        #expect(try JSONReader.read("9223372036854775808") == .double(0x1p63))
        #expect(try JSONReader.read("1.0") == .double(1))
        guard case .double(let zero) = try JSONReader.read("-0") else {
            Issue.record("-0 is not a double")
            return
        }
        #expect(zero.sign == .minus)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "[1 2]", #"{"a" 1}"#, #"{"a":1,}"#, "{a:1}", "01", "1.", ".5", "+1",
        "-", "1e", "1e+", "1e400", "NaN", "Infinity", "nul", "tru", "'a'", #""a"#, #""\x""#,
        #""\u12g4""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, "\"\u{1}\"", "1 2", "{} x",
        #"{1:2}"#, "\u{FEFF}{}", "/*c*/1",
    ])
    func refusesWhatIsNotJSON(text: String) {
        #expect(failure(text) != nil)
    }

    @Test func refusesBytesThatAreNotUTF8() {
        for bad: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xC3]] {
            #expect(throws: JSONReader.Failure.self) {
                try JSONReader.read(([0x22] + bad + [0x22])[...])
            }
        }
    }

    @Test func duplicateKeyIsFoundWhereItStands() {
        let found = failure(#"{"a":1,"\u0061":2}"#)
        #expect(found?.isDuplicateKey == true)
        #expect(found?.offset == 7)
    }

    @Test func keysOfEqualLooksAndOtherCodesAreDifferent() throws {
        let map = try JSONReader.read("{\"e\u{301}\":1,\"\u{E9}\":2}")
        #expect(map.pairs?.count == 2)
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(failure(nested(64)) == nil)
        #expect(failure(nested(65))?.offset == 64)
        #expect(failure(String(repeating: "[", count: 1_000_000)) != nil)
        #expect(failure(String(repeating: #"{"a":"#, count: 100_000)) != nil)
    }

    @Test func readsBackWhatTheWriterWrites() throws {
        let value: ConfigValue = [
            "text": "quote \" slash \\ line \n tab \t bell \u{7} é 😀 \u{7F}",
            "n": [1, -1, 0.1, 1e300],
        ]
        #expect(try JSONReader.read(value.json()) == value)
        #expect(try JSONReader.read(value.json(indentation: 2)) == value)
    }

    @Test func aSliceIsReadFromItsOwnStart() throws {
        let bytes = Array(#"xx{"a":1}yy"#.utf8)
        #expect(try JSONReader.read(bytes[2..<9]) == ["a": 1])
    }
}
