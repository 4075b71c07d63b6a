import ArgumentParser
import Foundation
import Logging
import StrataFormats
import StrataTraining
import StrataYAML

/// `netrun run CONFIG`: trains, or goes on training.
struct RunVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Train what a file describes; the same again goes on.",
        discussion: """
            Writes runs/NAME: spec.yaml, metrics.jsonl, samples, checkpoints, best.safetensors.
            netrun run net.yaml --run runs/big --set network.layers.lstm1.units=512
            Ctrl-C saves a checkpoint; the same command goes on from there, to the same result.
            """)

    @OptionGroup var options: ConfigOptions
    @OptionGroup var threads: ThreadOptions

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("The run's folder. Default: runs/NAME.", valueName: "dir"))
    var runFolder: String?

    @Option(
        help:
            "The kernels: amx, avx512, avx2, neon or portable. Default: the best that this machine has."
    )
    var kernels: String?

    @Option(
        help: ArgumentHelp(
            "Record where the time of 20 steps goes: a trace for Perfetto in this file, a table.",
            valueName: "file"))
    var profile: String?

    @Flag(help: "Start over, removing what an earlier run left in the folder.")
    var fresh = false

    @Flag(help: "Report on standard output as JSON, one object a line.")
    var json = false

    @Flag(help: "Print warnings and errors only.")
    var quiet = false

    func validate() throws {
        if quiet, json { throw ValidationError("--quiet and --json exclude each other") }
        if let kernels { _ = try KernelOptions.table(named: kernels) }
        if runFolder == "" { throw ValidationError("--run needs the name of a folder") }
        if profile == "" { throw ValidationError("--profile needs the name of a file") }
    }

    func run() throws {
        let result = try reportingFailures {
            let loaded = try options.load()
            let folder = try RunPath.toWrite(runFolder, name: loaded.spec.name)
            var runOptions = TrainingRun.Options()
            runOptions.threads = threads.count
            runOptions.isFresh = fresh
            runOptions.kernels = kernels
            runOptions.logger = .messages
            let training = try TrainingRun(
                spec: loaded.spec, data: try loaded.dataset(), folder: folder,
                render: { YAML.emit($0.config) }, options: runOptions,
                texts: loaded.texts)
            let profile = try profile.map {
                try ProfileReport(
                    training, path: $0, folder: folder, output: json ? .json : quiet ? nil : .table)
            }
            Interruption.install(saves: true)
            let reporter = reporter(folder: folder.path)
            defer { reporter.close() }
            let result = try training.run(
                shouldStop: { Interruption.isRequested },
                observe: { event in
                    reporter.report(event)
                    profile?.update { reporter.close() }
                })
            Interruption.allIsSaved()
            reporter.finish(result)
            try profile?.finish()
            return result
        }
        if case .interrupted = result { Foundation.exit(Interruption.exitCode.rawValue) }
    }

    private func reporter(folder: String) -> any RunReporter {
        if json { return JSONReporter() }
        return quiet ? QuietReporter() : ProgressReporter(folder: folder, kernels: kernels)
    }
}
