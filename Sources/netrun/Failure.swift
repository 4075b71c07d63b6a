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
    /// How many further mistakes there are that `findings` does not hold.
    var omitted = 0

    init(_ message: String, _ code: ExitCode) {
        self.message = message
        self.code = code
    }

    init(_ error: ConfigurationError) {
        let count = error.diagnostics.count + error.omitted
        message = error.description + (count > 1 ? "\n\(count) errors" : "")
        let kinds = Set(error.diagnostics.map(\.code))
        code =
            kinds == [.file] ? .inputMissing : kinds == [.device] ? .inputOutput : .badConfiguration
        findings = error.diagnostics.map { Finding($0) }
        omitted = error.omitted
    }

    /// - Parameter texts: where the data are named.
    init(_ error: DataError, texts: SourceTexts = SourceTexts()) {
        let placed = ConfigurationError([Diagnostic(error, texts: texts)], texts: texts)
        message = placed.description
        code =
            switch error.kind {
            case .missing, .unreadable: .inputMissing
            case .failed: .inputOutput
            default: .badData
            }
        findings = placed.diagnostics.map { Finding($0, code: "data") }
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

extension Diagnostic {
    /// What is wrong with data, said of the settings that name or divide them.
    fileprivate init(_ error: DataError, texts: SourceTexts) {
        let file = error.path ?? ""
        let elements = texts.settings?.node(at: ["data", "path"])?.elements ?? []
        let index = elements.firstIndex { element in
            element.text.map { file == $0 || file.hasSuffix("/" + $0) } ?? false
        }
        let isShort = error.kind == .tooShort
        let path = isShort ? ["data"] : ["data", "path"] + (index.map { ["\($0)"] } ?? [])
        self.init(
            // Without a text to point into, a setting's name says less than the file's.
            .file, path: texts.settings == nil ? [] : path,
            (file.isEmpty ? "" : file + ": ") + error.message, hint: error.hint)
        if isShort {
            self = following(
                from: ["batch_size", "sequence_length", "split", "path"].map { ["data", $0] })
        }
    }
}
