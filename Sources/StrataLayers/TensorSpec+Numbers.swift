import StrataGraph
import StrataSchema

extension TensorSpec {
    /// The spec, unless it is of tokens, which a layer that reads numbers refuses.
    func requiringNumbers() throws(Diagnostic) -> TensorSpec {
        guard values == .real else {
            throw Diagnostic(
                .shapeMismatch, "needs real numbers, not tokens",
                hint: "put an embedding, lstm or graves_lstm layer in between")
        }
        return self
    }
}
