import StrataSchema

extension ConfigurationError {
    /// The error with the settings that mistakes of a whole network follow from.
    ///
    /// A pass names the layer where it noticed something; an override of another layer may have led
    /// to that.
    ///
    /// - Parameters:
    ///   - layers: the names of the network's layers.
    ///   - texts: the texts to point into, if the error has none yet.
    func followingFromNetwork(
        of layers: [String], texts: SourceTexts? = nil
    ) -> ConfigurationError {
        func settings(_ keys: String...) -> [[String]] {
            layers.flatMap { name in keys.map { ["network", "layers", name, $0] } }
        }
        let found = diagnostics.map { diagnostic in
            guard diagnostic.path.first ?? "network" == "network" else { return diagnostic }
            var diagnostic = diagnostic
            let isOfLayer = diagnostic.path.starts(with: ["network", "layers"])
            switch diagnostic.code {
            case .limit:
                diagnostic.causes =
                    settings("units")
                    + [["network", "defaults", "units"], ["data", "vocabulary_size"]]
                if !isOfLayer { diagnostic.causes += Self.windowSizes }
            case .graph, .shapeMismatch, .conflict:
                diagnostic.causes = settings("type", "from", "units", "activation", "loss")
            default: break
            }
            return diagnostic
        }
        return ConfigurationError(found, texts: texts ?? self.texts)
    }

    private static let windowSizes = [
        ["data", "batch_size"], ["data", "sequence_length"], ["training", "truncate_bptt"],
    ]
}
