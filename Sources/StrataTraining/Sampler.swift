import Foundation
public import StrataData
package import StrataGraph
import StrataRuntime
package import StrataSchema

/// Continues a text token by token.
///
/// The network reads one token at a time and carries its state; the next token is drawn from its
/// output sharpened by the temperature: p_i ∝ exp(log(y_i) / temperature).
public final class Sampler {
    private let model: Model
    private let executor: Executor
    private let team: WorkerTeam
    private let vocabulary: Vocabulary
    private let output: Int
    private let temperature: Double
    private var random: CounterRandom
    private var probabilities: [Double]

    /// Prepares a sampler; the same seed draws the same text.
    ///
    /// - Throws: `ConfigurationError` where the network does not give one probability per token.
    package init(
        model: Model, vocabulary: Vocabulary, temperature: Double, seed: UInt64, threads: Int = 1,
        weights: WeightPrecision? = nil
    ) throws(ConfigurationError) {
        team = WorkerTeam(count: threads)
        output = try Self.output(of: model.graph, classes: vocabulary.count)
        self.model = model
        self.vocabulary = vocabulary
        self.temperature = temperature
        executor = try model.executor(steps: 1, batch: 1, for: .inference, weights: weights)
        random = CounterRandom(key: RandomKey.derive(seed: seed, purpose: "sample"))
        probabilities = [Double](repeating: 0, count: vocabulary.count)
    }

    /// The node that gives one probability per token.
    ///
    /// - Throws: `ConfigurationError` where there is none.
    package static func output(of graph: Graph, classes: Int) throws(ConfigurationError) -> Int {
        let output = graph.outputs.first {
            let node = graph.nodes[$0]
            return node.plan.output.features == classes
                && node.lossLayer?.target(output: node.plan.output) == .classes(classes)
        }
        guard let output else {
            throw ConfigurationError([
                Diagnostic(
                    .conflict, path: ["network", "layers"],
                    "the network has no output with one probability per token",
                    at: graph.outputs.first.flatMap { graph.nodes[$0].location },
                    hint: "sampling needs an output layer with loss cross_entropy; "
                        + "generate: {length: 0} turns it off")
            ]).followingFromNetwork()
        }
        return output
    }

    /// Reads a prompt, then hands every generated token's text to `emit`, `length` times; a negative
    /// length is none.
    ///
    /// - Parameter emit: returns false to stop early.
    /// - Returns: how many tokens were handed on.
    /// - Throws: ``DataError`` of kind `unknownToken` for a character that the network never saw.
    @discardableResult
    public func generate(
        prompt: String, length: Int, emit: (String) -> Bool
    ) throws(DataError) -> Int {
        var decoder = TextDecoder(vocabulary)
        // What follows a word begins with a space, unless the prompt ends in one.
        for token in try vocabulary.encode(prompt) { _ = decoder.append(token) }
        var hasSpace = vocabulary.kind == .words && prompt.last?.isWhitespace == true
        var isWanted = true
        let count = try generateTokens(prompt: prompt, length: length) { token in
            var text = decoder.append(token)
            if hasSpace, text.first == " " { text.removeFirst() }
            hasSpace = false
            isWanted = emit(text)
            return isWanted
        }
        if isWanted { _ = emit(decoder.finish()) }
        return count
    }

    /// The same with the tokens themselves, which of a vocabulary of bytes are the bytes.
    @discardableResult
    package func generateTokens(
        prompt: String, length: Int, emit: (Int32) -> Bool
    ) throws(DataError) -> Int {
        let tokens = try vocabulary.encode(prompt)
        executor.resetStates()
        for token in tokens.isEmpty ? [startToken] : tokens { read(token) }
        for index in 0..<max(0, length) {
            let token = draw()
            guard emit(token) else { return index + 1 }
            read(token)
        }
        return max(0, length)
    }

    /// What an empty prompt stands for: the start of a line, if the text has lines.
    private var startToken: Int32 {
        Int32(vocabulary.tokens.firstIndex(of: "\n") ?? 0)
    }

    /// Feeds one token and keeps the probabilities of the next.
    private func read(_ token: Int32) {
        guard let input = executor.tokens(ofInput: 0) else { return }
        input[0] = token
        executor.begin(.inference)
        let executor = executor
        team.run { executor.execute($0) }
        let row = executor.output(ofNode: output).row(0)
        for index in probabilities.indices { probabilities[index] = Double(row[index]) }
    }

    private func draw() -> Int32 {
        // The unknown token stands for many words; it is never written.
        if let unknown = vocabulary.unknown { probabilities[unknown] = 0 }
        guard temperature > 0, let top = probabilities.max(), top > 0 else {
            let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] }
            return Int32(best ?? 0)
        }
        let weights = probabilities.map { $0 > 0 ? exp(log($0 / top) / temperature) : 0 }
        var rest = random.uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return Int32(index) }
        }
        return Int32(weights.lastIndex { $0 > 0 } ?? 0)
    }
}
