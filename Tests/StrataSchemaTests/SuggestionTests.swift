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
}
