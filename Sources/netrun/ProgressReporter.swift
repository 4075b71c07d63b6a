import Foundation
import StrataFormats
import StrataGraph
import StrataTraining

/// A live line on a terminal, plain lines elsewhere; samples on standard output.
final class ProgressReporter: RunReporter {
    private let folder: String
    /// The kernels that were asked for by name.
    private let kernels: String?
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant
    private var lastShown: ContinuousClock.Instant
    private var stepsSinceStart = 0
    private var tokensSinceStart = 0
    private var smoothLoss: Double?
    private var epochs = 0
    private var isLineOpen = false
    private var isValidated = false

    init(folder: String, kernels: String?) {
        self.folder = folder
        self.kernels = kernels
        start = clock.now
        lastShown = start
    }

    func report(_ event: RunEvent) {
        switch event {
        case .ready(let summary): ready(summary)
        case .resumed(let step, let path): line("resuming after step \(step) from \(path)")
        case .skipped(let error): line(Self.warning("skipped a broken checkpoint: ", error))
        case .warning(let error): line(Self.warning("", error))
        case .slowPrecision(let precision): line("warning: " + Self.slow(precision))
        case .step(let step): show(step)
        case .epoch(let epoch): show(epoch)
        case .checkpoint: break
        case .sample(let text):
            close()
            Console.product(text.hasSuffix("\n") ? text : text + "\n")
        }
    }

    /// An error that does not hurt the run, in the form of an error's own description.
    static func warning(_ prefix: String, _ error: FormatError) -> String {
        (error.path.map { "\($0): " } ?? "") + "warning: " + prefix + error.message
    }

    /// That float32 is used instead of what was asked for.
    static func slow(_ precision: Precision) -> String {
        "these kernels are slow at \(precision) on this processor, so float32 is used"
    }

    func finish(_ result: RunResult) {
        switch result {
        case .completed:
            line("done; the \(isValidated ? "best" : "last") network is \(folder)/best.safetensors")
        case .stoppedEarly: line("stopped early: validation no longer improves")
        case .interrupted(let step):
            line("stopped after step \(step) and saved; the same command goes on from there")
        case .alreadyCompleted(let limit):
            line("this run is complete already; \(Self.raising(limit)), or use --fresh")
        }
    }

    /// What to change for a run to go on beyond what ended it.
    private static func raising(_ limit: RunLimit) -> String {
        switch limit {
        case .epochs: "raise training.epochs"
        case .maximumSteps: "raise training.maximum_steps"
        case .earlyStopping:
            "validation no longer improved: raise training.early_stopping.patience"
        }
    }

    func close() {
        if isLineOpen { Console.message("\n") }
        isLineOpen = false
    }

    private func ready(_ summary: RunSummary) {
        epochs = summary.epochs
        line(
            "\(grouped(summary.parameterCount)) parameters, "
                + "\(grouped(summary.tokens.train)) tokens to train on, "
                + "\(summary.vocabularyCount) different; \(summary.epochs.counted("epoch")) of "
                + "\(grouped(summary.stepsPerEpoch)) \("step".plural(summary.stepsPerEpoch)); "
                + threads(summary) + ", "
                + KernelOptions.words(
                    summary.kernels, askedFor: kernels, precision: summary.precision)
                + ", \(summary.precision)")
        start = clock.now
        lastShown = start - .seconds(60)
    }

    private func threads(_ summary: RunSummary) -> String {
        if summary.threads < summary.threadLimit {
            return "\(summary.threads) of \(summary.threadLimit) threads, as more would not pay"
        }
        return summary.threads.counted("thread")
    }

    private func show(_ step: StepProgress) {
        stepsSinceStart += 1
        tokensSinceStart += step.tokens
        smoothLoss = smoothLoss.map { 0.95 * $0 + 0.05 * step.loss } ?? step.loss
        let interval = Console.isInteractive ? Duration.milliseconds(100) : .seconds(10)
        guard clock.now - lastShown >= interval else { return }
        lastShown = clock.now
        let elapsed = (clock.now - start) / .seconds(1)
        let rate = Double(tokensSinceStart) / max(elapsed, 1e-9)
        let left = elapsed / Double(stepsSinceStart) * Double(step.totalSteps - step.step)
        let loss = Self.number(smoothLoss ?? step.loss, digits: 3)
        // What matters most comes first: a narrow terminal shows only that.
        let fields = [
            "epoch \(step.epoch)/\(epochs)", "loss \(loss)",
            "step \(grouped(step.step))/\(grouped(step.totalSteps))",
            "\(grouped(Int(min(rate, 1e15)))) tokens/s", "\(duration(left)) left",
        ]
        if Console.isInteractive {
            Console.message("\r\u{1B}[K" + fitting(fields, width: Console.width - 1))
            isLineOpen = true
        } else {
            Console.message(fields.joined(separator: "  ") + "\n")
        }
    }

    /// As many fields as fit into a line.
    private func fitting(_ fields: [String], width: Int) -> String {
        var text = String(fields[0].prefix(max(1, width)))
        for field in fields.dropFirst() {
            guard text.count + 2 + field.count <= width else { break }
            text += "  " + field
        }
        return text
    }

    private func show(_ epoch: EpochReport) {
        var text = "epoch \(epoch.epoch)/\(epochs)  train loss \(Self.number(epoch.trainLoss))"
        if let validation = epoch.validationLoss, let perplexity = epoch.perplexity,
            let bits = epoch.bitsPerToken
        {
            isValidated = true
            text +=
                "  validation loss \(Self.number(validation))  perplexity \(Self.number(perplexity))"
            text += "  \(Self.number(bits)) bits/token" + (epoch.isBest ? "  best" : "")
        }
        line(text)
    }

    /// Prints a line of its own, in place of a live line.
    private func line(_ text: String) {
        if isLineOpen { Console.message("\r\u{1B}[K") }
        isLineOpen = false
        Console.message(text + "\n")
    }

    /// A number with some digits behind the point, or with an exponent where it is very large.
    static func number(_ value: Double, digits: Int = 4) -> String {
        String(format: abs(value) < 1e9 ? "%.\(digits)f" : "%.\(digits)g", value)
    }

    private func duration(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e9).rounded())
        return whole >= 3600
            ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
            : String(format: "%d:%02d", whole / 60, whole % 60)
    }

    private func grouped(_ value: Int) -> String {
        var digits = Array(String(value))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }
}
