public import StrataSchema

extension Vocabulary {
    /// The vocabulary for a checkpoint: `{kind, tokens, unknown}`; bytes need only their kind.
    public var config: ConfigValue {
        var pairs = [ConfigValue.Pair("kind", kind.config)]
        if kind != .bytes { pairs.append(.init("tokens", .list(tokens.map(ConfigValue.string)))) }
        if let unknown { pairs.append(.init("unknown", .int(unknown))) }
        return .map(pairs)
    }

    /// Reads a vocabulary as ``config`` writes it.
    ///
    /// - Throws: ``DataError`` of kind `invalid` where the value is not a usable vocabulary.
    public init(config: ConfigValue) throws(DataError) {
        guard case .string(let name)? = config["kind"], let kind = TokenKind(rawValue: name) else {
            throw DataError(.invalid, "the vocabulary needs a kind: \(TokenKind.typeName)")
        }
        guard kind != .bytes else {
            self = .bytes
            return
        }
        guard case .list(let values)? = config["tokens"] else {
            throw DataError(.invalid, "the vocabulary has no list of tokens")
        }
        var tokens: [String] = []
        tokens.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard case .string(let token) = value else {
                throw DataError(.invalid, "token \(index) of the vocabulary is not text")
            }
            tokens.append(token)
        }
        try self.init(kind: kind, tokens: tokens, unknown: try Self.index(config["unknown"]))
    }

    /// A whole number that a JSON reader may also have taken for a real one.
    private static func index(_ value: ConfigValue?) throws(DataError) -> Int? {
        switch value {
        case nil, .null?: return nil
        case .int(let index)?: return index
        case .double(let number)?:
            if let index = Int(exactly: number) { return index }
        default: break
        }
        throw DataError(.invalid, "the unknown token of the vocabulary is not a whole number")
    }
}
