// MARK: What a run must not replace

extension RunFolder {
    /// Refuses to begin a run in a folder that holds what the run would replace.
    ///
    /// A lock or a checkpoint shows that a run began here: what it left is a run's. Without either, files of these
    /// names are somebody else's.
    ///
    /// - Throws: ``FormatError`` `.cannotCreate` that names the file.
    public func checkBeginning() throws(FormatError) {
        do throws(FileFailure) {
            guard try layer.status(of: path)?.kind == .folder else { return }
        } catch {
            throw FormatError(writing: error)
        }
        if try hasRun { return }
        var files: [String] = []
        for file in [specPath, metricsPath, bestPath] where try isPresent(file) {
            files.append(file)
        }
        if try !steps(in: samplesPath, suffix: Self.sampleSuffix).isEmpty {
            files.append(samplesPath)
        }
        guard let file = files.first else { return }
        throw FormatError(
            .cannotCreate(errno: 0), "the run would replace this, which is not its own",
            path: file, hint: "use --run DIR for another folder, or --fresh to replace it")
    }

    private var hasRun: Bool {
        get throws(FormatError) {
            if try isPresent(lockPath) { return true }
            return try !checkpointSteps().isEmpty
        }
    }

    /// Refuses to write a spec over one of the files that it was read from, unless that is what a run wrote there.
    ///
    /// - Throws: ``FormatError`` `.cannotCreate`.
    public func checkSpec(_ yaml: String, readFrom files: [String]) throws(FormatError) {
        guard try isAmong(files, specPath), try !hasRun else { return }
        guard try layer.contents(of: specPath) != Array(yaml.utf8) else { return }
        throw FormatError(
            .cannotCreate(errno: 0), "the run would replace the configuration that it reads",
            path: specPath, hint: "use --run DIR for another folder")
    }

    /// Whether a path leads to one of some files.
    package func isAmong(_ files: [String], _ path: String) throws(FormatError) -> Bool {
        guard let own = try identity(of: path) else { return false }
        for file in files where try identity(of: file) == own { return true }
        return false
    }

    /// Whether a file at a path is, or would be, one of those that the run writes.
    package func owns(_ path: String) throws(FormatError) -> Bool {
        let files = [specPath, metricsPath, bestPath, lockPath]
        if try isAmong(files, path) { return true }
        guard let place = try identity(of: AtomicFile.folder(of: path)) else { return false }
        if try place == identity(of: self.path) {
            return files.contains { $0.hasSuffix("/" + AtomicFile.name(of: path)) }
        }
        return try [identity(of: checkpointsPath), identity(of: samplesPath)].contains(place)
    }
}
