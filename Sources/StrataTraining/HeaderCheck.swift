package import StrataData
import StrataFormats
package import StrataGraph
package import StrataSchema

/// Whether the files of a network can hold what they must say of it, found before it is trained.
package enum HeaderCheck {
    /// Refuses a vocabulary that has no place in a file's header.
    ///
    /// - Parameter limit: the bytes of a header.
    /// - Throws: a configuration error of code `.limit` that says how many tokens have a place.
    package static func vocabulary(
        _ vocabulary: Vocabulary, of graph: Graph, limit: Int = SafetensorsWriter.headerLimit
    ) throws(ConfigurationError) {
        // The settings and the tensors of a parameter take far less.
        let room = limit - (1 << 20) - (graph.parameters.count << 10)
        guard let fitting = count(of: vocabulary, fittingIn: room) else { return }
        throw ConfigurationError([
            Diagnostic(
                .limit, path: ["data", "vocabulary_size"],
                "the \(vocabulary.count) tokens of the vocabulary take more than the "
                    + "\(limit / 1_000_000) MB that a checkpoint has for them",
                hint: "'vocabulary_size: \(fitting)' fits")
        ])
    }

    /// How many of the first tokens fit; nil: all do.
    private static func count(of vocabulary: Vocabulary, fittingIn room: Int) -> Int? {
        // Most vocabularies are far from it, whatever must be escaped.
        let bound = vocabulary.tokens.reduce(0) { $0 + 7 * $1.utf8.count + 5 }
        if bound <= room { return nil }
        var size = 0
        for (index, token) in vocabulary.tokens.enumerated() {
            // A text of JSON within a text of JSON, with a comma in place of the outer quotes.
            size += ConfigValue.string(ConfigValue.string(token).json()).json().utf8.count - 1
            if size > room { return index }
        }
        return nil
    }
}
