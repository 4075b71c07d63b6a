import StrataData

/// The rules that data given in Swift must keep, and the wording of their violations.
enum ExampleCheck {
    /// The most classes or values of a row; products of sizes then cannot overflow.
    private static let sizes = 1...Vocabulary.largestCount

    /// The width that all rows must have: a given one, or that of the first row.
    static func width(_ given: Int?, of first: [Float]?, place: String) throws(DataError) -> Int {
        if let given { return given }
        guard let first else { throw DataError(.tooShort, "there are no examples") }
        guard sizes.contains(first.count) else {
            throw DataError(
                .invalid, "\(place) has \(first.count) values; from 1 to \(sizes.upperBound) can be"
            )
        }
        return first.count
    }

    static func row(_ row: [Float], width: Int, place: String) throws(DataError) {
        guard row.count == width else {
            throw DataError(
                .invalid, "\(place) has \(row.count) values where \(width) are expected")
        }
        guard let index = row.firstIndex(where: { !$0.isFinite }) else { return }
        throw DataError(
            .invalid, "\(place)[\(index)] is \(row[index]), not a finite number",
            hint: "replace or leave out what was not measured")
    }

    static func notEmpty<Row>(_ sequences: [[Row]], name: String) throws(DataError) {
        guard !sequences.isEmpty else { throw DataError(.tooShort, "there are no examples") }
        if let index = sequences.firstIndex(where: \.isEmpty) {
            throw DataError(.tooShort, "\(name)[\(index)] has no steps")
        }
    }

    static func classCount(_ count: Int) throws(DataError) {
        guard sizes.contains(count) else {
            throw DataError(
                .invalid, "\(count) classes were given; from 1 to \(sizes.upperBound) can be")
        }
    }

    static func label(_ label: Int, count: Int, place: @autoclosure () -> String) throws(DataError)
    {
        guard !(0..<count).contains(label) else { return }
        throw DataError(
            .invalid, "\(place()) is \(label), but the \(count) classes are 0 to \(count - 1)")
    }

    static func sameCount(inputs: Int, targets: Int, name: String) throws(DataError) {
        guard inputs != targets else { return }
        throw DataError(.invalid, "there are \(inputs) inputs, but \(targets) \(name)")
    }
}
