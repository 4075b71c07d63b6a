internal import StrataSchema

extension Safetensors {
    /// A tensor that a network needs.
    package struct Expectation: Hashable, Sendable {
        /// The tensor's name.
        package var name: String
        /// Its dimensions.
        package var shape: [Int]

        /// Creates an expectation.
        package init(_ name: String, _ shape: [Int]) {
            self.name = name
            self.shape = shape
        }
    }

    /// Checks that the tensors whose names start with `prefix` are exactly the expected ones.
    ///
    /// - Throws: ``FormatError`` `.wrongArchitecture`, whose message lists the differences:
    ///   tensors that are missing, superfluous, transposed or of another shape.
    package func check(
        _ expected: [Expectation], prefix: String = ""
    ) throws(FormatError) {
        var found: [String: [Int]] = [:]
        for tensor in tensors where tensor.name.hasPrefix(prefix) {
            found[tensor.name] = tensor.shape
        }
        var differences: [String] = []
        for wanted in expected {
            guard let shape = found.removeValue(forKey: wanted.name) else {
                differences.append("'\(wanted.name.shown)' \(wanted.shape) is missing")
                continue
            }
            guard shape != wanted.shape else { continue }
            let isTransposed = shape == wanted.shape.reversed()
            differences.append(
                "'\(wanted.name.shown)' is \(shape), not \(wanted.shape)"
                    + (isTransposed ? " (transposed)" : ""))
        }
        for tensor in tensors where found[tensor.name] != nil {
            differences.append("'\(tensor.name.shown)' \(tensor.shape) has no place in the network")
        }
        guard !differences.isEmpty else { return }
        let shown = differences.prefix(10).joined(separator: "; ")
        let rest = differences.count - 10
        throw FormatError(
            .wrongArchitecture,
            "belongs to another network: " + shown + (rest > 0 ? "; and \(rest) more" : ""))
    }
}
