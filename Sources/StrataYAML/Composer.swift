import StrataSchema

/// Builds nodes from the parser's events, without recursion, and resolves aliases.
struct Composer {
    /// What is wrong with the text, in its order.
    private(set) var diagnostics = DiagnosticList()

    private let limits: YAMLLimits
    private var locator: Locator
    private var root: ConfigNode?
    private var documents = 0
    private var stack: [OpenCollection] = []
    private var anchors: [String: Anchor] = [:]
    private var anchorNames: [String] = []
    private var nodeCount = 0
    private var byteCount = 0

    init(_ locator: Locator, limits: YAMLLimits) {
        self.locator = locator
        self.limits = limits
    }

    /// The node of the only document, or nil where there is none or where the text is wrong.
    mutating func compose(_ source: SourceText) -> ConfigNode? {
        guard source.bytes.count <= limits.fileBytes else {
            diagnostics.append(.fileTooLarge(source.bytes.count, limits, at: nil))
            return nil
        }
        do throws(ParserFailure) {
            let stream = try EventStream(source.bytes)
            var event = try stream.next()
            reading: while true {
                if case .streamEnd = event.kind { break reading }
                do throws(Diagnostic) {
                    try read(event)
                } catch {
                    diagnostics.append(error)
                    return nil
                }
                event = try stream.next()
            }
        } catch {
            diagnostics.append(.unparsable(error, source, &locator))
            return nil
        }
        return root
    }

    private mutating func read(_ event: ParserEvent) throws(Diagnostic) {
        switch event.kind {
        case .documentStart:
            documents += 1
            if documents > 1 { throw .secondDocument(at: locator.location(at: event.start)) }
        case .streamStart, .streamEnd, .documentEnd: break
        case .alias(let name): try resolve(name, event)
        case .scalar(let text, let isPlain): try readScalar(text, isPlain: isPlain, event)
        case .sequenceStart: try open(event, isMapping: false)
        case .mappingStart: try open(event, isMapping: true)
        case .sequenceEnd, .mappingEnd: try close(event)
        }
    }

    // MARK: Nodes

    private mutating func readScalar(
        _ text: String, isPlain: Bool, _ event: ParserEvent
    ) throws(Diagnostic) {
        let location = locator.location(from: event.start, to: event.end)
        guard text.utf8.count <= limits.scalarBytes else {
            throw .scalarTooLong(text.utf8.count, limits, at: location)
        }
        var isPlain = isPlain
        switch Tag(event.tag) {
        case .none, .null: break
        case .text: isPlain = false
        case .number: isPlain = true
        case .sequence, .mapping, .unknown: reportTag(event, at: location)
        }
        let node = ConfigNode(.scalar(text, isPlain: isPlain), location: location)
        define(event.anchor, at: location)
        let sized = SizedNode(node: node, size: 1, bytes: text.utf8.count, height: 0)
        try place(sized, anchor: event.anchor, at: location)
    }

    private mutating func open(_ event: ParserEvent, isMapping: Bool) throws(Diagnostic) {
        let location = locator.location(at: event.start)
        if let parent = stack.last, parent.awaitsKey {
            throw .keyNotText(isMapping ? "a mapping" : "a list", at: location)
        }
        guard stack.count < limits.depth else { throw .tooDeep(limits, at: location) }
        switch Tag(event.tag) {
        case .none: break
        case .mapping where isMapping: break
        case .sequence where !isMapping: break
        default: reportTag(event, at: location)
        }
        define(event.anchor, at: location)
        stack.append(
            OpenCollection(
                isMapping: isMapping, anchor: event.anchor, start: event.start, location: location))
    }

    private mutating func close(_ event: ParserEvent) throws(Diagnostic) {
        guard let closed = stack.popLast() else { return }
        var location = closed.location
        if event.end.line == closed.start.line {
            location = locator.location(from: closed.start, to: event.end)
        }
        // What is in it was counted when it was placed.
        nodeCount -= closed.size - 1
        byteCount -= closed.bytes
        let sized = SizedNode(
            node: closed.node(at: location), size: closed.size, bytes: closed.bytes,
            height: closed.height)
        try place(sized, anchor: closed.anchor, at: location)
    }

    private mutating func resolve(_ name: String, _ event: ParserEvent) throws(Diagnostic) {
        let location = locator.location(from: event.start, to: event.end)
        guard let anchor = anchors[name] else {
            diagnostics.append(.unknownAlias(name, among: anchorNames, at: location))
            let empty = ConfigNode(.scalar("*" + name, isPlain: false), location: location)
            try place(
                SizedNode(node: empty, size: 1, bytes: 0, height: 0), anchor: nil, at: location)
            return
        }
        guard let target = anchor.target else {
            throw .aliasWithinItself(name, anchor.location, at: location)
        }
        guard stack.count + target.height <= limits.depth else {
            throw .tooDeep(limits, at: location)
        }
        try place(target, anchor: nil, at: location)
    }

    /// Adds a finished node to its parent.
    private mutating func place(
        _ child: SizedNode, anchor: String?, at location: SourceLocation
    ) throws(Diagnostic) {
        nodeCount += child.size
        byteCount += child.bytes
        guard nodeCount <= limits.nodes else { throw .tooManyNodes(limits, at: location) }
        guard byteCount <= limits.textBytes else { throw .tooMuchText(limits, at: location) }
        if let anchor { anchors[anchor]?.target = child }
        guard let top = stack.indices.last else {
            root = child.node
            return
        }
        guard stack[top].awaitsKey else {
            stack[top].add(child)
            return
        }
        guard case .scalar(let text, let isPlain) = child.node.content else {
            throw .keyNotText(child.node.kindInWords, at: location)
        }
        let problem = keyProblem(text, isPlain: isPlain, in: stack[top], at: location)
        if let problem { diagnostics.append(problem) }
        stack[top].key = .init(text: text, location: location, isUsable: problem == nil)
    }

    private func keyProblem(
        _ text: String, isPlain: Bool, in parent: OpenCollection, at location: SourceLocation
    ) -> Diagnostic? {
        if isPlain, text == "<<" { return .mergeKey(at: location) }
        if isPlain, text.isEmpty { return .emptyKey(at: location) }
        if let first = parent.keys[text] { return .duplicateKey(text, first, at: location) }
        return nil
    }

    // MARK: Properties

    private mutating func define(_ name: String?, at location: SourceLocation) {
        guard let name else { return }
        if let first = anchors[name] {
            diagnostics.append(.duplicateAnchor(name, first.location, at: location))
        }
        if anchors.updateValue(Anchor(location: location), forKey: name) == nil {
            anchorNames.append(name)
        }
    }

    private mutating func reportTag(_ event: ParserEvent, at location: SourceLocation) {
        diagnostics.append(.unknownTag(Tag.shown(event.tag ?? ""), at: location))
    }
}
