import Strata
import StrataData
import StrataFormats
import StrataSchema
import StrataTraining

/// How the program ends when something is wrong (the numbers of sysexits.h).
enum ExitCode: Int32 {
    case runFailed = 1
    case usage = 64
    case badData = 65
    case inputMissing = 66
    case cannotCreate = 73
    case inputOutput = 74
    case badConfiguration = 78
    case hungUp = 129
    case interrupted = 130
    case terminated = 143
}

/// A message for the user and the code to end with: the one place that maps errors to codes.
struct Failure: Error {
    var message: String
    var code: ExitCode
    /// The same for programs.
    var findings: [Finding] = []

    init(_ message: String, _ code: ExitCode) {
        self.message = message
        self.code = code
    }

    init(_ error: ConfigurationError) {
        let count = error.diagnostics.count
        let isMissing = error.diagnostics.allSatisfy { $0.code == .file }
        message = error.description + (count > 1 ? "\n\(count) errors" : "")
        code = isMissing ? .inputMissing : .badConfiguration
        findings = error.diagnostics.map(Finding.init)
    }

    /// - Parameter texts: where the data are named.
    init(_ error: DataError, texts: SourceTexts = SourceTexts()) {
        let place = texts.place(of: error.kind == .tooShort ? ["data"] : ["data", "path"])
        let file = error.path.map { "\($0): " } ?? ""
        message = DiagnosticRenderer(texts: texts).render(
            Diagnostic(.file, file + error.message, at: place, hint: error.hint))
        code =
            switch error.kind {
            case .missing: .inputMissing
            case .unreadable: .inputOutput
            default: .badData
            }
        findings = [Finding(error, at: place)]
    }

    init(_ error: FormatError) {
        message = error.description
        code =
            switch error.category {
            case .badData: .badData
            case .missing: .inputMissing
            case .cannotCreate: .cannotCreate
            case .io: .inputOutput
            }
        findings = [Finding(error)]
    }

    init(_ error: TrainingError) {
        switch error {
        case .configuration(let error): self.init(error)
        case .data(let error): self.init(error)
        case .file(let error): self.init(error)
        case .diverged: self.init("error: \(error)", .runFailed)
        case .mismatch: self.init("error: \(error)", .badData)
        case .runtime: self.init("error: \(error)", .badData)
        }
    }
}

/// Runs `body` and turns the library's errors into failures.
func reportingFailures<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as ConfigurationError {
        throw Failure(error)
    } catch let error as DataError {
        throw Failure(error)
    } catch let error as FormatError {
        throw Failure(error)
    } catch let error as TrainingError {
        throw Failure(error)
    }
}
