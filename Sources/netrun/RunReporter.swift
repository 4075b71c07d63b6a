import Foundation
import StrataFormats
import StrataGraph
import StrataSchema
import StrataTraining

/// Tells the user, or a program, how a run goes on.
protocol RunReporter: AnyObject {
    func report(_ event: RunEvent)
    func finish(_ result: RunResult)
    /// Ends a line that is being redrawn; called in any case.
    func close()
}

/// Prints nothing but warnings.
final class QuietReporter: RunReporter {
    func report(_ event: RunEvent) {
        switch event {
        case .skipped(let error):
            Console.error(ProgressReporter.warning("skipped a broken checkpoint: ", error))
        case .warning(let error): Console.error(ProgressReporter.warning("", error))
        case .slowPrecision(let precision):
            Console.error("warning: " + ProgressReporter.slow(precision))
        default: break
        }
    }
    func finish(_ result: RunResult) {}
    func close() {}
}

/// Writes every event as one JSON object on a line of standard output.
final class JSONReporter: RunReporter {
    func report(_ event: RunEvent) {
        switch event {
        case .ready(let summary): write("ready", facts(of: summary))
        case .resumed(let step, let path):
            write("resumed", [.init("step", .int(step)), .init("path", .string(path))])
        case .skipped(let error): write("skipped", [.init("message", .string(error.description))])
        case .warning(let error): write("warning", [.init("message", .string(error.description))])
        case .slowPrecision(let precision):
            write("warning", [.init("message", .string(ProgressReporter.slow(precision)))])
        case .step(let step):
            write(
                "step",
                [
                    .init("step", .int(step.step)), .init("epoch", .int(step.epoch)),
                    .init("loss", .double(step.loss)),
                    .init("gradient_norm", .double(step.gradientNorm)),
                ])
        case .epoch(let epoch): write("epoch", facts(of: epoch))
        case .checkpoint(let path): write("checkpoint", [.init("path", .string(path))])
        case .sample(let text): write("sample", [.init("text", .string(text))])
        }
    }

    func finish(_ result: RunResult) {
        let word: String =
            switch result {
            case .completed: "completed"
            case .stoppedEarly: "stopped_early"
            case .interrupted: "interrupted"
            case .alreadyCompleted: "already_completed"
            }
        write("finished", [.init("result", .string(word))])
    }

    func close() {}

    private func facts(of summary: RunSummary) -> [ConfigValue.Pair] {
        [
            .init("parameters", .int(summary.parameterCount)),
            .init("vocabulary", .int(summary.vocabularyCount)),
            .init("train_tokens", .int(summary.tokens.train)),
            .init("steps_per_epoch", .int(summary.stepsPerEpoch)),
            .init("epochs", .int(summary.epochs)), .init("threads", .int(summary.threads)),
            .init("thread_limit", .int(summary.threadLimit)),
            .init("kernels", .string(summary.kernels)),
            .init("precision", .string(summary.precision.rawValue)),
        ]
    }

    private func facts(of epoch: EpochReport) -> [ConfigValue.Pair] {
        [
            .init("epoch", .int(epoch.epoch)), .init("step", .int(epoch.step)),
            .init("train_loss", .double(epoch.trainLoss)),
            .init("validation_loss", epoch.validationLoss.config),
            .init("perplexity", epoch.perplexity.config),
            .init("bits_per_token", epoch.bitsPerToken.config),
            .init("is_best", .bool(epoch.isBest)),
        ]
    }

    private func write(_ event: String, _ pairs: [ConfigValue.Pair]) {
        Console.product(ConfigValue.map([.init("event", .string(event))] + pairs).json() + "\n")
    }
}
