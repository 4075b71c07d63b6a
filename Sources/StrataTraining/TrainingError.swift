public import StrataData
public import StrataFormats
public import StrataRuntime
public import StrataSchema

/// Why training, evaluating or sampling ended without a result.
public enum TrainingError: Error, Sendable {
    /// The specification is wrong, or does not suit the data.
    case configuration(ConfigurationError)
    /// The data are missing, unreadable or unusable.
    case data(DataError)
    /// A file of the run could not be read or written.
    case file(FormatError)
    /// The loss, a gradient or a parameter was not finite at a step.
    case diverged(step: Int, loss: Double, place: String?)
    /// A run folder, file or data belong to another network, data or training.
    case mismatch(String, hint: String)
    /// A value given in Swift does not fit.
    case runtime(RuntimeError)
}

extension TrainingError {
    /// The same error with the places and lines of a configuration, if it is about one.
    package func quoting(_ texts: SourceTexts) -> TrainingError {
        guard case .configuration(let error) = self else { return self }
        return .configuration(error.showing(texts))
    }
}

extension TrainingError: CustomStringConvertible {
    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .configuration(let error): return error.description
        case .data(let error): return error.description
        case .file(let error): return error.description
        case .runtime(let error): return error.description
        case .mismatch(let message, let hint): return "\(message)\n    \(hint)".printableLines
        case .diverged(let step, let loss, let place):
            let first = place.map { "; values first went bad in \($0)" } ?? ""
            // The sign of a NaN says nothing.
            let value = loss.isNaN ? "nan" : "\(loss)"
            return "training diverged at step \(step): the loss is \(value)\(first)\n"
                + "    lower the learning rate, or set training.clip: {norm: 1}"
        }
    }
}

/// Does work on files, whose errors are those of the run.
func onFiles<Result>(
    _ body: () throws(FormatError) -> Result
) throws(TrainingError) -> Result {
    do throws(FormatError) { return try body() } catch { throw .file(error) }
}
