public import StrataGraph
public import StrataSchema

/// The layer kinds that a spec can name.
public enum LayerCatalog {
    /// All kinds, in the order of the reference.
    ///
    /// A new kind is one more line.
    public static let standard = Catalog<any Layer>(
        "layer",
        [
            .init(LSTM.self) { $0 },
            .init(GravesLSTM.self) { $0 },
            .init(Dense.self) { $0 },
            .init(Embedding.self) { $0 },
            .init(Dropout.self) { $0 },
            .init(ActivationLayer.self) { $0 },
            .init(Concatenate.self) { $0 },
            .init(Output.self) { $0 },
        ])
}
