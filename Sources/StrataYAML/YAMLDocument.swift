public import StrataSchema

/// A parsed configuration and the texts that its locations point into.
public struct YAMLDocument: Sendable {
    /// The settings.
    public var root: ConfigNode
    /// The texts to quote in messages.
    public var texts: SourceTexts

    /// Creates a document.
    public init(root: ConfigNode, texts: SourceTexts) {
        self.root = root
        self.texts = texts
    }
}
