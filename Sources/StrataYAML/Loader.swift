import StrataSchema

/// Reads a file and the files that it extends.
struct Loader {
    /// The texts of all files read so far.
    private(set) var texts = SourceTexts()

    private struct Link {
        var path: String
        var identity: FileReader.Identity?
    }

    private let limits: YAMLLimits
    private var chain: [Link] = []
    private var filesRead = 0

    init(limits: YAMLLimits) { self.limits = limits }

    /// The settings of a file on top of those of the files that it extends.
    mutating func load(_ path: String) throws(ConfigurationError) -> ConfigNode {
        try load(path, namedAt: nil)
    }

    private mutating func load(
        _ path: String, namedAt place: SourceLocation?
    ) throws(ConfigurationError) -> ConfigNode {
        let link: Link
        let bytes: [UInt8]
        do throws(Diagnostic) {
            (link, bytes) = try open(path, namedAt: place)
        } catch {
            throw ConfigurationError([error], texts: texts)
        }
        let own = try parse(bytes, path, namedAt: place)
        chain.append(link)
        defer { chain.removeLast() }
        var result: ConfigNode?
        for base in try bases(of: own) {
            let settings = try load(
                PathText.resolve(base.path, from: path), namedAt: base.location)
            result = result.map { Merge.merge(settings, over: $0) } ?? settings
        }
        var rest = own
        rest.content = .mapping((own.entries ?? []).filter { $0.key != "extends" })
        return result.map { Merge.merge(rest, over: $0) } ?? rest
    }

    private mutating func open(
        _ path: String, namedAt place: SourceLocation?
    ) throws(Diagnostic) -> (Link, [UInt8]) {
        filesRead += 1
        guard filesRead <= limits.files else {
            throw Diagnostic(
                .limit, "more than \(limits.files) files extend each other", at: place)
        }
        guard chain.count < limits.extendsDepth else {
            throw Diagnostic(
                .limit, "more than \(limits.extendsDepth) files in a chain of 'extends'",
                at: place)
        }
        if path == "-" {
            let bytes = try FileReader.read(
                descriptor: 0, name: "standard input", limits: limits, at: place)
            return (Link(path: path, identity: nil), bytes)
        }
        let (bytes, identity) = try FileReader.read(path: path, limits: limits, at: place)
        if let start = chain.firstIndex(where: { $0.identity == identity }) {
            let names = (chain[start...].map(\.path) + [chain[start].path])
            throw Diagnostic(
                .conflict,
                "files extend each other in a circle: "
                    + names.joined(separator: " → "), at: place)
        }
        return (Link(path: path, identity: identity), bytes)
    }

    private mutating func parse(
        _ bytes: [UInt8], _ path: String, namedAt place: SourceLocation?
    ) throws(ConfigurationError) -> ConfigNode {
        do throws(ConfigurationError) {
            let document = try YAML.parse(bytes: bytes, file: path, limits: limits)
            texts.merge(document.texts)
            guard document.root.entries != nil else {
                throw ConfigurationError([
                    Diagnostic(
                        .typeMismatch,
                        "expected settings ('key: value'), not \(document.root.kindInWords)",
                        at: document.root.location)
                ])
            }
            return document.root
        } catch {
            texts.merge(error.texts)
            var diagnostics = error.diagnostics
            if let place, !diagnostics.isEmpty {
                diagnostics[0].notes.append(.init("the file is named here", at: place))
            }
            throw ConfigurationError(diagnostics, texts: texts, omitted: error.omitted)
        }
    }

    private func bases(
        of node: ConfigNode
    ) throws(ConfigurationError) -> [(path: String, location: SourceLocation?)] {
        guard let value = node["extends"] else { return [] }
        var result: [(path: String, location: SourceLocation?)] = []
        var context = DecodingContext()
        for base in value.elements ?? [value] {
            guard let text = base.text, !base.isNull, !text.isEmpty else {
                context.descend(into: "extends") {
                    $0.reportMismatch(base, expected: "the name of a file, or a list of names")
                }
                continue
            }
            guard text != "-" else {
                context.report(
                    .file, "only the command line can name standard input", at: base.location)
                continue
            }
            result.append((text, base.location))
        }
        try context.throwIfAny(texts: texts)
        return result
    }
}
