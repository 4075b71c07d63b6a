import ArgumentParser
import Foundation
import Strata
import StrataSchema

/// The command line: `netrun CONFIG` and its verbs.
@main
struct Netrun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netrun",
        abstract: "Trains and runs multi-layer networks that a YAML file describes.",
        usage: "netrun CONFIG.yaml\nnetrun VERB …",
        discussion: """
            netrun Configs/charlstm.yaml                 train, and print a sample
            netrun Configs/charlstm.yaml                 the same again goes on
            netrun run net.yaml --set training.epochs=1  override any setting
            netrun check net.yaml                        find mistakes without training
            netrun generate runs/charlstm --prompt "func "

            Exit codes: 0 done · 1 training diverged · 64 usage · 65 bad data · 66 input missing · \
            73 cannot create · 74 input/output · 78 bad configuration · 129, 130, 143 \
            stopped by a signal
            """,
        version: Version.text,
        subcommands: [
            RunVerb.self, CheckVerb.self, ShowVerb.self, PlanVerb.self, GenerateVerb.self,
            EvaluateVerb.self, LayersVerb.self, SchemaVerb.self, BenchVerb.self,
        ])

    static func main() {
        Console.holdStandardFiles()
        Console.ignoreSignals()
        var arguments = Array(CommandLine.arguments.dropFirst())
        if namesConfigurationOnly(arguments) { arguments.insert("run", at: 0) }
        do {
            try checkVerb(arguments.first { $0 != "help" })
            var command = try parseAsRoot(arguments)
            try command.run()
            try checkOutput()
        } catch let failure as Failure {
            end(failure)
        } catch {
            guard exitCode(for: error) == .success else { exit(withError: error) }
            // Help and the version are products like others.
            Console.product(fullMessage(for: error) + "\n")
            do throws(Failure) { try checkOutput() } catch { end(error) }
        }
    }

    private static func checkOutput() throws(Failure) {
        guard let reason = Console.outputFailure else { return }
        throw Failure("error: cannot write to standard output: \(reason)", .inputOutput)
    }

    private static func end(_ failure: Failure) -> Never {
        if !failure.message.isEmpty { Console.error(failure.message) }
        Foundation.exit(failure.code.rawValue)
    }

    /// `netrun CONFIG` means `netrun run CONFIG`, also where options stand first.
    private static func namesConfigurationOnly(_ arguments: [String]) -> Bool {
        guard let first = arguments.first else { return false }
        if isConfiguration(first) { return true }
        let isOption =
            first.hasPrefix("-") && !["-h", "--help", "--help-hidden", "--version"].contains(first)
        return isOption && arguments.contains(where: isConfiguration)
    }

    /// Whether an argument looks like a file.
    private static func isConfiguration(_ argument: String) -> Bool {
        guard !argument.hasPrefix("-") || argument == "-" else { return false }
        return argument.hasSuffix(".yaml") || argument.hasSuffix(".yml") || argument.contains("/")
            || argument == "-" || isFile(argument)
    }

    /// A file of any other name is meant where no verb is.
    private static func isFile(_ argument: String) -> Bool {
        !verbs.contains(argument) && FileManager.default.fileExists(atPath: argument)
    }

    private static var verbs: [String] {
        configuration.subcommands.map { $0._commandName } + ["help"]
    }

    /// Says which verb was meant, rather than that there is an argument too many.
    private static func checkVerb(_ first: String?) throws {
        guard let first, !first.hasPrefix("-"), !verbs.contains(first) else { return }
        let hint = Suggestion.hint(for: first, among: verbs) ?? "see 'netrun --help'"
        throw ValidationError("there is neither a verb nor a file '\(first)'; \(hint)")
    }
}
