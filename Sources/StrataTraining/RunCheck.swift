import StrataData
import StrataGraph
package import StrataSchema

/// What a run would only find out late, found before it starts.
package enum RunCheck {
    /// Whether all settings are valid, as reading them from a file would find out.
    static func settings(_ spec: ModelSpec, texts: SourceTexts) throws(ConfigurationError) {
        _ = try ModelSpec(spec.config.node, texts: texts)
    }

    /// Whether there is something to validate on where validation decides when to stop.
    ///
    /// - Parameter remedy: how there would be.
    package static func earlyStopping(
        _ training: TrainingSpec, hasValidation: Bool, remedy: String
    ) throws(ConfigurationError) {
        guard training.earlyStopping != nil, !hasValidation else { return }
        throw conflict(
            [["training", "early_stopping"], ["data", "split"]],
            "early stopping needs something to validate on", hint: remedy + ", or leave it out")
    }

    /// Whether windows of `truncate_bptt` steps suit the sequences of the data.
    package static func windows(
        _ training: TrainingSpec, sequenceLength length: Int
    ) throws(ConfigurationError) {
        let steps = training.windowSteps(sequenceLength: length)
        guard (1...length).contains(steps) else {
            throw conflict(
                windowSettings,
                "truncate_bptt is \(steps), but windows have from 1 to \(length) steps",
                hint: "it can be at most data.sequence_length")
        }
        guard training.carryState || length % steps == 0 else {
            throw conflict(
                windowSettings + [["training", "carry_state"]],
                "sequence_length \(length) is not a multiple of truncate_bptt \(steps)",
                hint: "without carried state, windows must fill a sequence exactly")
        }
    }

    /// Whether the network can write the sample that `generate` asks for after every pass.
    static func sample(_ spec: ModelSpec, graph: Graph, vocabulary: Vocabulary)
        throws(ConfigurationError)
    {
        guard spec.generate.length > 0 else { return }
        _ = try Sampler.output(of: graph, classes: vocabulary.count)
        do {
            _ = try vocabulary.encode(spec.generate.prompt)
        } catch {
            throw conflict(
                [["generate", "prompt"]], error.message,
                hint: error.hint ?? "use what the data hold")
        }
    }

    private static let windowSettings = [
        ["training", "truncate_bptt"], ["data", "sequence_length"],
    ]

    /// - Parameter settings: what contradicts each other; the first is the one to show.
    private static func conflict(_ settings: [[String]], _ message: String, hint: String)
        -> ConfigurationError
    {
        ConfigurationError([
            Diagnostic(.conflict, path: settings.first ?? [], message, hint: hint)
                .following(from: settings)
        ])
    }
}
