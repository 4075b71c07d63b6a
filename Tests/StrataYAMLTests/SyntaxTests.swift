import StrataSchema
import StrataYAML
import Testing

@Suite struct SyntaxTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var message: String
        var place: [Int]
        var hint: String?
        var testDescription: String { text.debugDescription }
    }

    static let cases = [
        Case(
            text: "a:\n\tb: 1", message: "a tab cannot indent a line", place: [2, 1, 1],
            hint: "use spaces"),
        Case(
            text: "a:\n  b: 1\n\tc: 2", message: "a tab cannot indent a line", place: [3, 1, 1],
            hint: "use spaces"),
        Case(
            text: "a: b: c", message: "a ': ' cannot stand here", place: [1, 5, 1],
            hint: "indent settings alike, and quote text that contains ': '"),
        Case(
            text: "a: @x", message: "this character cannot begin a value", place: [1, 4, 1],
            hint: "quote text that begins with '@'"),
        Case(
            text: "a: *.txt", message: "did not find expected alphabetic or numeric character",
            place: [1, 5, 1], hint: "quote text that begins with '*'"),
        Case(
            text: "a: 'x\nb: 1\n", message: "the text ends before this is closed",
            place: [1, 4, 1], hint: "is a quote missing?"),
        Case(
            text: "a: 1\nb", message: "there is no ':' after this key", place: [2, 1, 1],
            hint: "a setting is 'key: value'"),
        Case(text: "a: [b,,c]", message: "there is no value here", place: [1, 7, 1]),
        Case(
            text: "a: 1\n...\nb", message: "this does not belong to what is above",
            place: [3, 1, 1]),
        Case(
            text: "a: {b: 1\n\n", message: "did not find expected ',' or '}'",
            place: [1, 9, 1]),
        Case(text: "é: [ü, }", message: "there is no value here", place: [1, 8, 1]),
    ]

    @Test(arguments: cases) func syntaxErrorsSayWhereAndWhatToDo(_ sample: Case) throws {
        let found = mistakes(in: sample.text)
        #expect(found.map(\.code) == [.syntax])
        #expect(found.first?.message == sample.message)
        #expect(found.first?.location?.place == sample.place)
        #expect(found.first?.hint == sample.hint)
    }

    @Test func unclosedBracketNotesItsStart() throws {
        let found = try #require(mistakes(in: "a: [1, 2\nb: 3\n").first)
        #expect(found.location?.line == 2)
        #expect(found.notes.first?.location?.place == [1, 4, 1])
    }

    @Test func mistakesBeforeASyntaxErrorAreKept() {
        #expect(mistakes(in: "a: 1\na: 2\nb: }\n").map(\.code) == [.duplicateKey, .syntax])
    }

    @Test func directivesOfYAMLAreRead() throws {
        #expect(try YAML.parse("%YAML 1.2\n---\na: 1\n", file: "f").root.flat == "{a: 1}")
        #expect(mistakes(in: "%YAML 3.0\n---\na: 1\n").count == 1)
    }

    /// Cutting and flipping a valid file must give a document or diagnostics, never a trap.
    @Test func damagedTextsAreReadOrRefused() {
        let text = "a: &x {b: [1, 'two', \"th\\u00e9\"]}\nc: *x\n# end\nd: |\n  é😀\ne: !!str 5\n"
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            for found in [
                mistakes(in: Array(bytes[..<index])),
                mistakes(in: Array(bytes[..<index]) + Array(bytes[(index + 1)...])),
                mistakes(
                    in: Array(bytes[..<index]) + [bytes[index] ^ 0x15] + bytes[(index + 1)...]),
            ] {
                for diagnostic in found {
                    #expect(diagnostic.location != nil)
                    #expect(diagnostic.location.map { $0.line >= 1 && $0.column >= 1 } == true)
                }
            }
        }
    }
}
