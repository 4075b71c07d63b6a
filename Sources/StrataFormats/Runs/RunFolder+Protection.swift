// MARK: What a run must not replace

extension RunFolder {
    /// Refuses to begin a run in a folder that holds what the run would replace.
    ///
    /// A run goes on from a checkpoint. Where there is none, a lock shows that a run began here and
    /// was stopped early: then its spec and metrics may be replaced. Without a lock such files are
    /// somebody else's, and a best checkpoint is worth keeping in any case.
    ///
    /// - Throws: ``FormatError`` `.cannotCreate` that names the file.
    public func checkBeginning() throws(FormatError) {
        do throws(FileFailure) {
            guard try layer.status(of: path)?.kind == .folder else { return }
        } catch {
            throw FormatError(writing: error)
        }
        guard try checkpointSteps().isEmpty else { return }
        if try isPresent(bestPath), try !wasStoppedInFirstSave {
            throw FormatError(
                .cannotCreate(errno: 0),
                "the folder holds best.safetensors but no checkpoint to go on from", path: path,
                hint: "use --fresh to start over, or --run DIR for another folder")
        }
        if try isPresent(lockPath) { return }
        for file in [specPath, metricsPath] where try isPresent(file) {
            throw FormatError(
                .cannotCreate(errno: 0), "the run would replace this file, which is not its own",
                path: file,
                hint: "use --run DIR for another folder, or --fresh to replace it")
        }
    }

    /// The best checkpoint takes its name before the newest, whose file is still unfinished then.
    private var wasStoppedInFirstSave: Bool {
        get throws(FormatError) {
            do throws(FileFailure) {
                guard try layer.status(of: checkpointsPath) != nil else { return false }
                return try layer.list(checkpointsPath).contains(where: AtomicFile.isTemporary)
            } catch {
                throw FormatError(reading: error)
            }
        }
    }

    /// Refuses to write a spec over one of the files that it was read from, unless that would not
    /// change the file.
    ///
    /// - Throws: ``FormatError`` `.cannotCreate`.
    public func checkSpec(_ yaml: String, readFrom files: [String]) throws(FormatError) {
        guard try isAmong(files, specPath) else { return }
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
