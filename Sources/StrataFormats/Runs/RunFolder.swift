/// The folder that a training run writes: `runs/<name>`.
///
///     spec.yaml               what the run was asked to do
///     metrics.jsonl           one JSON object per line
///     samples/                generated texts, one file per step
///     checkpoints/            step-000001234.safetensors, the last few
///     best.safetensors        a copy of its own of the best checkpoint
///     lock                    held by the process that trains
///
/// Call ``create()`` and then ``lock()`` before writing. Files are replaced whole, never changed in
/// place, but for the one that grows: the metrics.
public struct RunFolder: Sendable {
    /// The folder's path.
    public let path: String
    package let layer: any FileLayer

    /// Names the folder of a run; touches nothing on disk.
    ///
    /// - Parameters:
    ///   - name: the run's name, see ``isValidName(_:)``.
    ///   - root: the folder that holds all runs.
    /// - Throws: ``FormatError`` `.cannotCreate` for a name that is no safe folder name.
    public init(name: String, in root: String = "runs") throws(FormatError) {
        try self.init(name: name, in: root, layer: SystemFileLayer())
    }

    /// Takes a folder that the user named by its path, whatever it is called; touches nothing.
    public init(path: String) {
        self.path = path
        layer = SystemFileLayer()
    }

    package init(
        name: String, in root: String, layer: any FileLayer
    ) throws(FormatError) {
        guard Self.isValidName(name) else {
            throw FormatError(
                .cannotCreate(errno: 0), "'\(name.prefix(100))' cannot be the name of a run",
                hint: "use letters, digits, '.', '_' and '-', at most 100, no dot in front, and "
                    + "not .safetensors at the end")
        }
        path = root.isEmpty ? name : root.hasSuffix("/") ? root + name : "\(root)/\(name)"
        self.layer = layer
    }

    /// Whether a text can name a run and its folder on any system: letters, digits, `.`, `_` and
    /// `-`, at most 100 bytes of UTF-8, no dot in front, and not `.safetensors` at the end, since where a run's
    /// folder is wanted, a checkpoint's file may stand instead.
    public static func isValidName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100 && !name.hasPrefix(".")
            && !name.hasSuffix(".safetensors")
            && name.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || $0.properties.numericType != nil
                    || "._-".unicodeScalars.contains($0)
            }
    }

    /// The path of the spec that the run was started with.
    public var specPath: String { path + "/spec.yaml" }
    /// The path of the metrics, one JSON object per line.
    public var metricsPath: String { path + "/metrics.jsonl" }
    /// The path of the folder of generated texts.
    public var samplesPath: String { path + "/samples" }
    /// The path of the folder of checkpoints.
    public var checkpointsPath: String { path + "/checkpoints" }
    /// The path of the best checkpoint.
    public var bestPath: String { path + "/best.safetensors" }
    /// The path of the lock file.
    public var lockPath: String { path + "/lock" }

    /// Makes the folder and the folders in it; those that exist are fine.
    ///
    /// - Throws: ``FormatError`` `.cannotCreate` where a file is in the way or permission is
    ///   missing, `.writeFailed` where the disk is full.
    public func create() throws(FormatError) {
        for folder in [path, checkpointsPath, samplesPath] { try layer.createFolders(folder) }
    }

    /// Takes the folder for this process and removes what a killed one left unfinished.
    ///
    /// - Throws: ``FormatError`` `.locked`, which names the process that has the folder.
    public func lock() throws(FormatError) -> RunLock {
        let lock = try RunLock(path: lockPath, layer: layer)
        for folder in [path, checkpointsPath, samplesPath] {
            // Leftovers do no harm: one that cannot be removed is no reason not to train.
            for name in (try? layer.list(folder)) ?? [] where AtomicFile.isTemporary(name) {
                try? layer.remove("\(folder)/\(name)")
            }
        }
        return lock
    }

    /// Writes the spec, whole or not at all.
    public func writeSpec(_ yaml: String) throws(FormatError) {
        try AtomicFile.write(yaml, to: specPath, layer: layer)
    }

    /// Removes what a run produced, to start over: metrics, samples and all checkpoints.
    ///
    /// Files of other names stay, as do the spec and the lock.
    ///
    /// - Throws: ``FormatError``; where a folder allows no removal, all is still there.
    public func removeResults() throws(FormatError) {
        for folder in [path, checkpointsPath, samplesPath] where try isPresent(folder) {
            try AtomicFile.checkRemovable(from: folder, layer: layer)
        }
        // Checkpoints first: metrics without a checkpoint start over, the reverse would not.
        try removeCheckpoints(afterStep: -1)
        try removeIfPresent(bestPath)
        try removeSamples(afterStep: -1)
        try removeIfPresent(metricsPath)
    }
}

// MARK: Shared by the parts

extension RunFolder {
    func contentsIfPresent(_ path: String) throws(FormatError) -> [UInt8]? {
        do throws(FormatError) { return try layer.contents(of: path) } catch {
            if error.kind == .missing { return nil }
            throw error
        }
    }

    func isPresent(_ path: String) throws(FormatError) -> Bool {
        try identity(of: path) != nil
    }

    /// Which file is at a path; nil: none is.
    func identity(of path: String) throws(FormatError) -> FileStatus.Identity? {
        do throws(FileFailure) { return try layer.status(of: path)?.identity } catch {
            throw FormatError(writing: error)
        }
    }

    func removeIfPresent(_ path: String) throws(FormatError) {
        do throws(FileFailure) {
            if try layer.status(of: path) != nil { try layer.remove(path) }
        } catch {
            throw FormatError(writing: error)
        }
    }

    /// The step in a name such as `step-000001234.safetensors`, or nil for names of other kinds.
    static func step(of name: String, suffix: String) -> Int? {
        guard name.hasPrefix("step-"), name.hasSuffix(suffix) else { return nil }
        guard let step = Int(name.dropFirst(5).dropLast(suffix.count)) else { return nil }
        // Only one spelling per step, or two files could claim the same.
        return name == fileName(step: step, suffix: suffix) ? step : nil
    }

    static func fileName(step: Int, suffix: String) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + suffix
    }

    /// The steps of the files of a folder, in growing order; empty where there is no folder.
    func steps(in folder: String, suffix: String) throws(FormatError) -> [Int] {
        let names: [String]
        do throws(FileFailure) {
            guard try layer.status(of: folder) != nil else { return [] }
            names = try layer.list(folder)
        } catch {
            throw FormatError(reading: error)
        }
        return names.compactMap { Self.step(of: $0, suffix: suffix) }.sorted()
    }
}
