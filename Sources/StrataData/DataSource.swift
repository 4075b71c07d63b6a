public import StrataSchema

/// Where training data come from: one kind of the key `data`.
///
/// A new kind is a type that conforms to this protocol, in its own file, and one line in
/// ``DataCatalog``.
public protocol DataSource: NamedConfigurable {
    /// Streams that are trained side by side (B).
    var batchSize: Int { get }
    /// Time steps of one window of a stream (T).
    var sequenceLength: Int { get }

    /// Replaces every path of a file by another that means the same.
    mutating func resolvePaths(_ resolve: (String) -> String)

    /// Reads everything that the source names.
    ///
    /// - Parameter folder: the folder that relative paths start from, which is the folder of the
    ///   configuration file; empty: the current folder.
    /// - Throws: ``DataError`` that names the file and the remedy.
    func load(relativeTo folder: String) throws(DataError) -> TokenDataset
}
