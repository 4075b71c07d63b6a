public import StrataSchema

/// Reads and writes the YAML that describes networks, with the place of every value.
///
/// The subset: one document per file, mappings with text keys, lists, scalars, anchors and
/// aliases. Scalars stay text; merge keys (`<<`) and tags of programming languages are errors.
public enum YAML {
    /// Parses a text.
    ///
    /// - Parameters:
    ///   - text: the whole text of one document.
    ///   - file: the name that locations and messages use.
    ///   - limits: what is refused as too large.
    /// - Throws: everything that is wrong with the text, with codes `.syntax`, `.duplicateKey`
    ///   and `.limit`.
    public static func parse(
        _ text: String, file: String, limits: YAMLLimits = .standard
    ) throws(ConfigurationError) -> YAMLDocument {
        try parse(bytes: Array(text.utf8), file: file, limits: limits)
    }

    /// Parses the bytes of a file: UTF-8, or UTF-16 with a byte order mark.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - file: the name that locations and messages use.
    ///   - limits: what is refused as too large.
    /// - Throws: everything that is wrong with the text, with codes `.syntax`, `.duplicateKey`
    ///   and `.limit`.
    public static func parse(
        bytes: [UInt8], file: String, limits: YAMLLimits = .standard
    ) throws(ConfigurationError) -> YAMLDocument {
        let source = SourceText(bytes)
        var texts = SourceTexts()
        texts.add(source.text, file: file)
        var composer = Composer(Locator(text: source.text, file: file), limits: limits)
        let root = composer.compose(source)
        try composer.diagnostics.throwIfAny(texts: texts)
        guard let root, !root.isNull else {
            throw ConfigurationError([.nothing(in: source.text, file: file)], texts: texts)
        }
        texts.settings = root
        return YAMLDocument(root: root, texts: texts)
    }

    /// Reads a file, the files that it extends, and the overrides of a command line.
    ///
    /// A top-level `extends: base.yaml` (or a list of files) builds on other files, named relative
    /// to the file that says it. Mappings are merged key by key and the extending file wins; lists
    /// and scalars are replaced. Where the `type` of a mapping changes, here or by an override, its
    /// other settings stay as far as the new type has them, too.
    ///
    /// - Parameters:
    ///   - path: a regular file, or `-` for standard input.
    ///   - overrides: settings such as `training.optimizer.learning_rate=1e-3`, applied in order.
    ///     The value is YAML; a list's elements are named by their index. Errors show the n-th
    ///     override as line n of the text `--set`.
    ///   - limits: what is refused as too large.
    /// - Returns: the merged settings, a mapping; every value keeps the place that it came from.
    /// - Throws: what is wrong with the files or the overrides; code `.file` where a file is
    ///   missing, unreadable or not a regular file, `.limit` where it is too large.
    public static func load(
        path: String, overrides: [String] = [], limits: YAMLLimits = .standard
    ) throws(ConfigurationError) -> YAMLDocument {
        var loader = Loader(limits: limits)
        var root = try loader.load(path)
        var texts = loader.texts
        try Override.apply(overrides, to: &root, texts: &texts, limits: limits)
        texts.settings = root
        return YAMLDocument(root: root, texts: texts)
    }

    /// Writes a value as YAML that reads back as the same value.
    ///
    /// Block style with two spaces of indentation; short inner mappings and lists of scalars take
    /// one line, as in `lstm1: {type: lstm, units: 200}`.
    public static func emit(_ value: ConfigValue) -> String {
        Emitter.text(of: value)
    }
}
