public import StrataSchema

extension RunFolder {
    /// Adds one line to the metrics with a single write.
    ///
    /// - Parameter record: a map; its `step` says where a resumed run goes on from.
    /// - Throws: ``FormatError``; the file then ends with the line before.
    public func appendMetrics(_ record: ConfigValue) throws(FormatError) {
        try layer.append(Array((record.json() + "\n").utf8), to: metricsPath)
    }

    /// Removes the lines of greater steps than a checkpoint's, and lines that are broken.
    ///
    /// Then a resumed run writes the same file as one that was never stopped. Lines without a
    /// step share the fate of the line above them. The remaining bytes are unchanged, and the file
    /// is replaced whole; where nothing is to be removed it is not written.
    ///
    /// - Parameters:
    ///   - step: the step that the run goes on after.
    ///   - isRepeated: whether a record of an earlier step will be written again, too.
    /// - Returns: how many lines were removed.
    @discardableResult
    public func truncateMetrics(
        afterStep step: Int, andWhere isRepeated: (ConfigValue) -> Bool = { _ in false }
    ) throws(FormatError) -> Int {
        guard let bytes = try contentsIfPresent(metricsPath) else { return 0 }
        var kept: [ArraySlice<UInt8>] = []
        var removed = 0
        var keepsStepless = true
        var rest = bytes[...]
        while !rest.isEmpty {
            // A line without its end was cut short by a kill, even if it reads well.
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                removed += 1
                break
            }
            let line = rest[...end]
            rest = rest[(end + 1)...]
            guard let record = try? JSONReader.read(line), record.pairs != nil else {
                removed += 1
                continue
            }
            if let lineStep = record["step"]?.number { keepsStepless = lineStep <= Double(step) }
            if keepsStepless, !isRepeated(record) { kept.append(line) } else { removed += 1 }
        }
        if removed > 0 {
            try AtomicFile.write(kept.map { ByteStream($0) }, to: metricsPath, layer: layer)
        }
        return removed
    }
}

// MARK: Samples

extension RunFolder {
    static let sampleSuffix = ".txt"

    /// The path of the text generated after a step.
    public func samplePath(step: Int) -> String {
        samplesPath + "/" + Self.fileName(step: step, suffix: Self.sampleSuffix)
    }

    /// Whether there is a text that was generated after a step.
    public func hasSample(step: Int) throws(FormatError) -> Bool {
        do throws(FileFailure) { return try layer.status(of: samplePath(step: step)) != nil } catch
        {
            throw FormatError(reading: error)
        }
    }

    /// Writes a generated text, as it is, to the file of its step: whole or not at all, for a file
    /// that is there counts as whole.
    ///
    /// - Throws: ``FormatError``; the file then is what it was before.
    public func writeSample(_ text: String, step: Int) throws(FormatError) {
        try AtomicFile.write(text, to: samplePath(step: step), layer: layer)
    }

    /// Removes the texts of greater steps than `step`, which a resumed run writes again.
    public func removeSamples(afterStep step: Int) throws(FormatError) {
        for newer in try steps(in: samplesPath, suffix: Self.sampleSuffix) where newer > step {
            try removeIfPresent(samplePath(step: newer))
        }
    }
}
