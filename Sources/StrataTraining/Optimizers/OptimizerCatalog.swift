public import StrataSchema

/// The optimizers that a spec can name.
public enum OptimizerCatalog {
    /// All kinds.
    ///
    /// A new kind is one more line.
    public static let standard = Catalog<any Optimizer>(
        "optimizer",
        [
            .init(SGD.self) { $0 },
            .init(Nesterov.self) { $0 },
            .init(Adam.self) { $0 },
            .init(AdamW.self) { $0 },
            .init(RMSProp.self) { $0 },
            .init(AdaGrad.self) { $0 },
        ])
}
