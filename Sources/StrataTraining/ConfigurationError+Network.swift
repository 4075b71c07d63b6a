import StrataSchema

extension ConfigurationError {
    /// The error with the settings that mistakes of a whole network follow from.
    ///
    /// A pass names the layer where it noticed something; an override of another layer may have led
    /// to that.
    ///
    /// - Parameter texts: the texts to point into, if the error has none yet.
    func followingFromNetwork(texts: SourceTexts? = nil) -> ConfigurationError {
        let found = diagnostics.map { diagnostic in
            guard diagnostic.path.first ?? "network" == "network" else { return diagnostic }
            var diagnostic = diagnostic
            let isOfLayer = diagnostic.path.starts(with: ["network", "layers"])
            switch diagnostic.code {
            case .limit:
                diagnostic.causes = Self.sizes + (isOfLayer ? [] : Self.windowSizes)
            case .graph, .shapeMismatch, .conflict:
                diagnostic.causes = ["type", "from", "units", "activation", "loss"].map(ofLayers)
            default: break
            }
            return diagnostic
        }
        return ConfigurationError(found, texts: texts ?? self.texts, omitted: omitted)
    }

    private static let sizes = [
        ofLayers("units"), ["network", "defaults", "units"], ["data", "vocabulary_size"],
    ]

    private static let windowSizes = [
        ["data", "batch_size"], ["data", "sequence_length"], ["training", "truncate_bptt"],
    ]
}

/// A setting of any layer.
private func ofLayers(_ key: String) -> [String] { ["network", "layers", Diagnostic.anyKey, key] }
