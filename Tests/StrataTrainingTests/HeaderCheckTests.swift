import StrataData
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining
import Testing

/// What a file cannot say of a network is found before the network is trained.
struct HeaderCheckTests {
    @Test func aVocabularyTakesTheBytesThatAFileWrites() throws {
        // Some characters take up to seven bytes in a text of JSON within a text of JSON.
        let words = (0..<1000).map { "\"w\\\u{1}é\($0)" }
        let vocabulary = try Vocabulary(kind: .words, tokens: words)
        let graph = try Model.graph(
            of: NetworkSpec(layers: [
                LayerSpec("embed", Embedding(units: 2)), LayerSpec("next", Output()),
            ]),
            input: TensorSpec(features: 1000, values: .tokens), target: .classes(1000))
        let written = ConfigValue.string(vocabulary.config.json()).json().utf8.count
        func problem(_ room: Int) -> Diagnostic? {
            let rest = (1 << 20) + (graph.parameters.count << 10)
            do throws(ConfigurationError) {
                try HeaderCheck.vocabulary(vocabulary, of: graph, limit: rest + room)
                return nil
            } catch {
                return error.diagnostics.first
            }
        }
        #expect(problem(written) == nil)
        let error = try #require(problem(written - 100))
        #expect(error.code == .limit)
        #expect(error.path == ["data", "vocabulary_size"])
        #expect(problem(written / 2)?.hint?.hasPrefix("'vocabulary_size: 50") == true)
    }

    @Test func ordinaryVocabulariesHaveAPlace() throws {
        let data = try Tiny.data()
        let model = try Model.graph(
            of: Tiny.spec().network, input: TensorSpec(features: 6, values: .tokens),
            target: .classes(6))
        try HeaderCheck.vocabulary(data.vocabulary, of: model)
    }
}
