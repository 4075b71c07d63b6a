public import StrataSchema

/// All kinds of data sources.
public enum DataCatalog {
    /// The kinds that the key `type` under `data` chooses among.
    public static let standard = Catalog<any DataSource>(
        "data source",
        [
            .init(TextData.self) { $0 }
        ])
}
