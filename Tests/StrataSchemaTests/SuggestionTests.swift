import StrataSchema
import Testing

@Suite struct SuggestionTests {
    static let known = ["units", "learning_rate", "activation", "type"]

    @Test(arguments: [
        ("untis", "units"), ("unit", "units"), ("UNITS", "units"),
        ("learning-rate", "learning_rate"),
        ("learningRate", "learning_rate"), ("activaton", "activation"), ("tpye", "type"),
    ])
    func nearMissFindsTheName(name: String, expected: String) {
        #expect(Suggestion.nearest(to: name, among: Self.known) == expected)
    }

    @Test(arguments: ["", "zzzz", "x", "momentum"])
    func farNameFindsNothing(name: String) {
        #expect(Suggestion.nearest(to: name, among: Self.known) == nil)
    }

    @Test func hintListsAllWhereNothingIsNear() {
        #expect(Suggestion.hint(for: "zzzz", among: ["a", "b"]) == "known: a, b")
        #expect(Suggestion.hint(for: "zzzz", among: []) == nil)
    }

    @Test func veryLongNamesCostLittle() {
        let name = String(repeating: "x", count: 1_000_000)
        #expect(Suggestion.nearest(to: name, among: Self.known) == nil)
    }

    @Test func hintListsOnlyTheFirstOfMany() {
        let many = (0..<1000).map { "name\($0)" }
        let hint = Suggestion.hint(for: "zzzzzzzzzzzz", among: many)
        #expect(hint?.hasPrefix("known: name0, name1, ") == true)
        #expect(hint?.hasSuffix(", name29, ...") == true)
    }

    @Test(.timeLimit(.minutes(1))) func manyKnownNamesCostLittle() {
        let many = (0..<1_000_000).map { "n\($0)" }
        #expect(Suggestion.nearest(to: "n999999", among: many) != nil)
        #expect(Suggestion.nearest(to: "somewhere else", among: many) == nil)
    }
}
