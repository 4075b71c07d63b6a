import StrataSchema
import Testing

@Suite struct ScalarTests {
    @Test(arguments: [
        ("5", 5), ("+5", 5), ("-5", -5), ("1_000", 1000), ("0x10", 16), ("0X1f", 31), ("0o17", 15),
        ("1e3", 1000), ("1.", 1), ("1.0", 1), ("-0", 0), ("007", 7),
        ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
    ])
    func wholeNumbersHaveManyForms(text: String, expected: Int) {
        #expect(decoded(Int.self, plain(text)).value == expected)
    }

    @Test(arguments: [
        ("1e-4", 1e-4), ("1E-4", 1e-4), ("1_000.5", 1000.5), ("+5", 5), (".5", 0.5), ("1.", 1),
        ("-.5", -0.5), ("0x10", 16), ("1e+2", 100), ("5", 5), ("1e-400", 0),
    ])
    func realNumbersHaveManyForms(text: String, expected: Double) {
        #expect(decoded(Double.self, plain(text)).value == expected)
    }

    @Test(arguments: [
        "", "~", "five", "12:30:45", "2024-01-01", ".nan", ".inf", "nan", "infinity", "inf", ".",
        "+", "-", "e5", "1e", "0x", "0x-5", "0xg", "1,5", "1 000", "_1", "1_", "٣", "½", "true",
        "0x1p3", "--1", "1-2",
    ])
    func otherTextIsNoNumber(text: String) {
        for result in [
            decoded(Int.self, plain(text)).diagnostics.map(\.code),
            decoded(Double.self, plain(text)).diagnostics.map(\.code),
        ] {
            #expect(result == [.typeMismatch])
        }
    }

    @Test func quotedNumbersAreText() {
        #expect(decoded(Int.self, quoted("5")).diagnostics.map(\.code) == [.typeMismatch])
        #expect(decoded(Double.self, quoted("5")).diagnostics.map(\.code) == [.typeMismatch])
        #expect(decoded(Bool.self, quoted("true")).diagnostics.map(\.code) == [.typeMismatch])
        #expect(decoded(String.self, quoted("5")).value == "5")
        #expect(
            decoded(Int.self, quoted("5")).diagnostics.first?.message
                == "expected a whole number, not the text \"5\"")
    }

    @Test func numbersBeyondTheTypeAreOutOfRange() {
        for text in ["9223372036854775808", "1e400", "-1e19"] {
            #expect(decoded(Int.self, plain(text)).diagnostics.map(\.code) == [.outOfRange])
        }
        #expect(decoded(Double.self, plain("1e400")).diagnostics.map(\.code) == [.outOfRange])
        #expect(decoded(Int.self, plain("1.5")).diagnostics.map(\.code) == [.typeMismatch])
    }

    @Test func seedsUseAllBitsAndReadBack() {
        #expect(decoded(UInt64.self, plain("18446744073709551615")).value == .max)
        #expect(decoded(UInt64.self, plain("0x10")).value == 16)
        #expect(decoded(UInt64.self, plain("-1")).value == nil)
        #expect(decoded(UInt64.self, plain("18446744073709551616")).value == nil)
        for seed in [0, 12345, UInt64(Int.max), UInt64(Int.max) + 1, UInt64.max] {
            var context = DecodingContext()
            #expect(UInt64.decode(seed.config.node, &context) == seed)
        }
    }

    @Test func truthHasThreeSpellings() {
        for text in ["true", "yes", "on", "True", "YES"] {
            #expect(decoded(Bool.self, plain(text)).value == true)
        }
        for text in ["false", "no", "off", "OFF"] {
            #expect(decoded(Bool.self, plain(text)).value == false)
        }
        for text in ["1", "0", "y", ""] { #expect(decoded(Bool.self, plain(text)).value == nil) }
    }

    @Test func theFieldDecidesThatNoIsText() {
        #expect(decoded(String.self, plain("no")).value == "no")
        #expect(decoded(String.self, plain("1e-4")).value == "1e-4")
        #expect(decoded(String.self, plain("")).value == nil)
        #expect(decoded(String.self, quoted("")).value == "")
    }

    @Test func absentIsAValueOfOptionals() {
        #expect(decoded(Double?.self, plain("~")).value == .some(nil))
        #expect(decoded(Double?.self, plain("5")).value == .some(5))
        #expect(decoded(Double?.self, plain("x")).value == nil)
    }

    @Test func oneValueStandsForAListOfOne() {
        #expect(decoded([Int].self, plain("5")).value == [5])
        let two: ConfigNode.Content = .sequence([ConfigNode(plain("5")), ConfigNode(plain("x"))])
        let result = decoded([Int].self, two)
        #expect(result.value == nil)
        #expect(result.diagnostics.map(\.path) == [["1"]])
    }

    @Test(arguments: [[], [[1]], [[1, 2]], [[1, 2], [3]], [[1], [2]]] as [[[Int]]])
    func nestedListsReadBackEqual(value: [[Int]]) {
        var context = DecodingContext()
        #expect([[Int]].decode(value.config.node, &context) == value)
    }

    @Test func choicesSuggestAndKnowOtherSpellings() {
        #expect(decoded(SampleMode.self, plain("slow")).value == .slow)
        #expect(decoded(SampleMode.self, plain("SLOW")).value == .slow)
        #expect(decoded(SampleMode.self, plain("QUICK")).value == .fast)
        let wrong = decoded(SampleMode.self, plain("fats")).diagnostics.first
        #expect(wrong?.code == .unknownName)
        #expect(wrong?.hint == "did you mean 'fast'?")
    }

    @Test func realNumbersAreWrittenShortest() {
        #expect(ConfigValue.text(of: 0.005) == "0.005")
        #expect(ConfigValue.text(of: 5) == "5")
        for value in [1e-5, 0.1, 1e22, -2.5e-300, 123456.789, 1e15] {
            #expect(ScalarText.number(ConfigValue.text(of: value)) == value)
        }
    }

    @Test(arguments: [
        ("1e3", 1000), ("1.", 1), ("1e18", 1_000_000_000_000_000_000), ("1_000", 1000),
        ("0xFFFFFFFFFFFFFFFF", .max), ("18_446_744_073_709_551_615", .max),
    ])
    func seedsHaveTheFormsOfWholeNumbers(text: String, expected: UInt64) {
        #expect(decoded(UInt64.self, plain(text)).value == expected)
    }

    @Test(arguments: ["_1_", "_1", "1_", "1.5", "1e20", "0x-1", "5 5", ""])
    func otherTextIsNoSeed(text: String) {
        #expect(decoded(UInt64.self, plain(text)).diagnostics.map(\.code) == [.typeMismatch])
    }

    @Test func whatIsMissingAsTextIsWrittenWithQuotes() {
        #expect(decoded(String.self, plain("")).diagnostics.first?.hint?.hasSuffix("\"\"") == true)
        #expect(decoded(String.self, .mapping([])).diagnostics.first?.hint == nil)
    }

    @Test func longValuesAreCutWithAnEllipsis() {
        let text = String(repeating: "x", count: 41)
        #expect(
            decoded(Int.self, plain(text)).diagnostics.first?.message
                == "expected a whole number, not '\(text.dropLast())...'")
        #expect("abc".cut(to: 3) == "abc" && "abcd".cut(to: 3) == "abc...")
    }
}
