import StrataData
import StrataGraph
import StrataSchema

/// What a run would only find out late, found before it starts.
enum RunCheck {
    /// Whether windows of `truncate_bptt` steps suit the sequences of the data.
    static func windows(_ spec: ModelSpec, data: TokenDataset) throws(ConfigurationError) {
        let (steps, length) = (
            spec.training.truncateBPTT ?? data.sequenceLength, data.sequenceLength
        )
        guard steps <= length else {
            throw conflict(
                ["training", "truncate_bptt"],
                "truncate_bptt is \(steps), longer than the sequence_length \(length)",
                hint: "lower it, or raise data.sequence_length")
        }
        guard spec.training.carryState || length % steps == 0 else {
            throw conflict(
                ["training", "truncate_bptt"],
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
                ["generate", "prompt"], error.message,
                hint: error.hint ?? "use what the data hold")
        }
    }

    private static func conflict(_ path: [String], _ message: String, hint: String)
        -> ConfigurationError
    {
        ConfigurationError([Diagnostic(.conflict, path: path, message, hint: hint)])
    }
}
