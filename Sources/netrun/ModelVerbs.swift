import ArgumentParser
import Foundation
import StrataData
import StrataGraph
import StrataSchema
import StrataTraining

extension WeightPrecision {
    /// Reads the value of an option.
    init(argument: String) throws {
        guard let precision = Self(rawValue: argument) else {
            throw ValidationError(
                "weights are read as one of "
                    + Self.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self = precision
    }
}

/// `netrun generate RUN`: continues a text.
struct GenerateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Continue a text with a trained network.",
        discussion: "netrun generate runs/charlstm --prompt \"func \" --length 400 --seed 7")

    @Argument(help: ArgumentHelp("A run's folder, or one checkpoint file.", valueName: "run"))
    var path: String

    // A text and a number may begin with a '-', which is no option's then.
    @Option(
        parsing: .unconditional, help: "The text to continue. Default: the run's generate.prompt.")
    var prompt: String?
    @Option(
        parsing: .unconditional, help: "Tokens to generate. Default: the run's generate.length.")
    var length: Int?
    @Option(
        parsing: .unconditional, help: "1: as learned; lower: safer; 0: always the likeliest.")
    var temperature: Double?
    @Option(
        parsing: .unconditional, help: "The same seed gives the same text.")
    var seed: UInt64 = 1
    @Option(
        parsing: .unconditional,
        help: "Worker threads, which help wide networks only; the text is the same.")
    var threads = 1
    @Option(
        help: ArgumentHelp(
            "How weights are read: float32, bfloat16 (rounded; up to twice as fast) or int8 "
                + "(rounded further; up to four times as fast). Default: the run's "
                + "generate.weights."),
        transform: WeightPrecision.init(argument:))
    var weights: WeightPrecision?
    @Flag(help: "Print one JSON object when the text is whole.")
    var json = false

    func validate() throws {
        try RunPath.check(argument: path)
        if let length, length < 0 { throw ValidationError("--length must be at least 0") }
        if let temperature, !(temperature >= 0 && temperature.isFinite) {
            throw ValidationError("--temperature must be a number of at least 0")
        }
        try ThreadOptions.check(threads)
    }

    func run() throws {
        try reportingFailures {
            let model = try TrainedModel.read(path)
            let settings = model.spec.generate
            let temperature = temperature ?? settings.temperature
            let weights = weights ?? settings.weights
            let sampler = try model.sampler(
                temperature: temperature, seed: seed,
                threads: ThreadOptions.useful(threads), weights: weights)
            let prompt = prompt ?? settings.prompt
            Interruption.install()
            if model.vocabulary.kind == .bytes, !json {
                return try Self.writeBytes(sampler, prompt, length ?? settings.length)
            }
            var text = ""
            var isFirst = true
            let tokens = try sampler.generate(
                prompt: prompt, length: length ?? settings.length
            ) { part in
                // The prompt is shown once it is known to be readable.
                let shown = isFirst ? prompt + part : part
                isFirst = false
                text += part
                return (json || Console.product(shown)) && !Interruption.isRequested
            }
            let record: ConfigValue = [
                "prompt": .string(prompt), "text": .string(text), "seed": seed.config,
                "temperature": .double(temperature), "tokens": .int(tokens),
                "step": .int(model.step), "weights": weights.config,
            ]
            Console.product((json ? record.json() : "") + "\n")
        }
        if Interruption.isRequested { Foundation.exit(Interruption.exitCode.rawValue) }
    }

    /// Bytes that are no text would not outlast being made one.
    private static func writeBytes(
        _ sampler: Sampler, _ prompt: String, _ length: Int
    ) throws(DataError) {
        var shown = Array(prompt.utf8)
        try sampler.generateTokens(prompt: prompt, length: length) { token in
            shown.append(UInt8(truncatingIfNeeded: token))
            defer { shown = [] }
            return Console.product(shown) && !Interruption.isRequested
        }
        Console.product(shown + [UInt8(ascii: "\n")])
    }
}

/// `netrun evaluate RUN`: the loss on the test part.
struct EvaluateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a trained network on the data's test part.",
        discussion: "netrun evaluate runs/charlstm --part validation")

    @Argument(help: ArgumentHelp("A run's folder, or one checkpoint file.", valueName: "run"))
    var path: String
    @OptionGroup var threads: ThreadOptions
    @Option(help: "The configuration whose data are used. Default: the run's own spec.")
    var config: String?
    @Option(help: "Which part: train, validation or test.")
    var part = "test"
    @Option(
        help: ArgumentHelp(
            "How weights are read: float32, bfloat16 or int8, to learn what rounding costs. Default: "
                + "as they were trained."), transform: WeightPrecision.init(argument:))
    var weights: WeightPrecision?
    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try RunPath.check(argument: path)
        guard ["train", "validation", "test"].contains(part) else {
            throw ValidationError("--part must be train, validation or test")
        }
    }

    func run() throws {
        try reportingFailures {
            let model = try TrainedModel.read(path)
            let data = try dataset(model)
            let part: Examples.TextPart =
                part == "train" ? .train : part == "test" ? .test : .validation
            guard
                let loss = try model.evaluate(
                    part, of: data, threads: ThreadOptions.useful(threads.count), weights: weights)
            else {
                throw Failure(
                    "error: the \(self.part) part of the data is empty; see data.split", .badData)
            }
            let (perplexity, bits) = (exp(loss), loss / log(2))
            if json {
                let record: ConfigValue = [
                    "part": .string(self.part), "tokens": .int(data.tokens(of: part).count),
                    "loss": .double(loss),
                    "perplexity": .double(perplexity), "bits_per_token": .double(bits),
                    "step": .int(model.step), "weights": weights.config,
                ]
                Console.product(record.json() + "\n")
            } else {
                let shown = [loss, perplexity, bits].map { ProgressReporter.number($0) }
                Console.product(
                    "\(self.part) loss \(shown[0])  perplexity \(shown[1])  \(shown[2]) bits/token\n"
                )
            }
        }
    }

    private func dataset(_ model: TrainedModel) throws -> TokenDataset {
        if let config {
            return try ConfigOptions.Loaded(path: config).dataset()
        }
        return try ConfigOptions.Loaded(spec: model.spec, texts: SourceTexts())
            .dataset()
    }
}
