extension RunFolder {
    private static let suffix = ".safetensors"

    /// The path of the checkpoint of a step.
    public func checkpointPath(step: Int) -> String {
        checkpointsPath + "/" + Self.fileName(step: step, suffix: Self.suffix)
    }

    /// The steps that have a checkpoint, readable or not, in growing order.
    ///
    /// - Throws: ``FormatError`` where the folder cannot be listed; an absent one is empty.
    public func checkpointSteps() throws(FormatError) -> [Int] {
        try steps(in: checkpointsPath, suffix: Self.suffix)
    }

    /// Saves a checkpoint, whose tensors may be in use, and, once it is on the device, removes the
    /// oldest ones.
    ///
    /// The metrics so far are brought to the device first, so that they are never behind it.
    /// Checkpoints of greater steps count neither as old nor as kept: they are broken ones that
    /// were skipped on resuming, and remain until training reaches their step again.
    /// - Parameters:
    ///   - step: the steps done so far; not negative.
    ///   - keepLast: how many checkpoints remain, this one included; at least one does.
    ///   - isBest: whether it becomes the best checkpoint, too. That is a copy rather than a hard
    ///     link: it works on every file system, and damage to one file leaves the other whole.
    ///   - whenRead: called as soon as the tensors may change again, if nothing failed before.
    /// - Throws: ``FormatError`` `.cannotCreate` or `.writeFailed`, with all older ones in place.
    package func saveCheckpoint(
        _ checkpoint: SafetensorsWriter, step: Int, keepLast: Int, isBest: Bool,
        whenRead: () -> Void
    ) throws(FormatError) -> SavedCheckpoint {
        precondition(step >= 0, "a checkpoint's step cannot be negative")
        let path = checkpointPath(step: step)
        // The best comes first: a run that goes on from an older checkpoint writes it again.
        var files: [UnfinishedFile] = []
        do throws(FormatError) {
            for target in isBest ? [bestPath, path] : [path] {
                files.append(try checkpoint.begin(to: target, layer: layer))
            }
            whenRead()
            try synchronizeMetrics()
            while let file = files.first {
                files.removeFirst()
                try file.finish()
            }
        } catch {
            for file in files { file.discard() }
            throw error
        }
        return prune(SavedCheckpoint(path: path, removed: [], failures: []), step, keepLast)
    }

    /// Removes the oldest checkpoints and notes what became of them.
    private func prune(
        _ saved: SavedCheckpoint, _ step: Int, _ keepLast: Int
    ) -> SavedCheckpoint {
        var saved = saved
        do throws(FormatError) {
            let old = try checkpointSteps().filter { $0 <= step }.dropLast(max(1, keepLast))
            for path in old.map(checkpointPath(step:)) {
                do throws(FileFailure) {
                    try layer.remove(path)
                    saved.removed.append(path)
                } catch {
                    saved.failures.append(FormatError(writing: error))
                }
            }
        } catch {
            saved.failures.append(error)
        }
        return saved
    }

    /// The newest checkpoint that can be read, or nil where the run has none at all.
    ///
    /// The best one is a checkpoint, too: it is what is left where all others were removed, or where the first save
    /// was cut short.
    ///
    /// Newer ones that are broken are skipped and reported in the result.
    /// - Throws: ``FormatError`` `.noReadableCheckpoint` where all are broken, which must not be
    ///   taken for a fresh start. Falling back would lose work where a newer Strata wrote the
    ///   newest, where there is too little memory for it, or where the system does not let it be
    ///   read: what is thrown then says so.
    public func newestReadableCheckpoint() throws(FormatError) -> FoundCheckpoint? {
        try newestReadableCheckpoint { _, _ in true }
    }

    /// The same with some of the tensors: all of the file is checked, what is not kept takes no
    /// memory.
    package func newestReadableCheckpoint(
        memoryLimit: Int = SystemMemory.available, keeping isKept: Safetensors.Choice,
        checking check: Safetensors.Check = { _ in }
    ) throws(FormatError) -> FoundCheckpoint? {
        var skipped: [FormatError] = []
        for step in try checkpointSteps().reversed() {
            let path = checkpointPath(step: step)
            do throws(FormatError) {
                let contents = try Safetensors(
                    reading: path, layer: layer, memoryLimit: memoryLimit, keeping: isKept,
                    checking: check)
                return FoundCheckpoint(
                    contents: contents, path: path, step: step, skipped: skipped)
            } catch {
                guard error.isOfBrokenFile else { throw error }
                skipped.append(error)
            }
        }
        guard !skipped.isEmpty else {
            let best = try bestCheckpoint(
                memoryLimit: memoryLimit, keeping: isKept, checking: check)
            return best.map {
                FoundCheckpoint(contents: $0, path: bestPath, step: nil, skipped: [])
            }
        }
        let reasons = skipped.prefix(5).map { "\($0.path ?? "?") \($0.message)" }
            .joined(separator: "; ")
        // That one may be far older, so that going on from it is for the user to decide.
        let remedy = try isPresent(bestPath) ? "remove them to go on from \(bestPath), or " : ""
        throw FormatError(
            .noReadableCheckpoint,
            "no checkpoint of the run can be read: \(reasons)",
            path: checkpointsPath,
            hint: remedy + "start over, or put a good checkpoint there")
    }

    /// The best checkpoint, or nil where none was written yet.
    ///
    /// - Throws: ``FormatError`` where it cannot be read.
    public func bestCheckpoint() throws(FormatError) -> Safetensors? {
        try bestCheckpoint { _, _ in true }
    }

    /// The same with some of the tensors.
    package func bestCheckpoint(
        memoryLimit: Int = SystemMemory.available, keeping isKept: Safetensors.Choice,
        checking check: Safetensors.Check = { _ in }
    ) throws(FormatError) -> Safetensors? {
        do throws(FormatError) {
            return try Safetensors(
                reading: bestPath, layer: layer, memoryLimit: memoryLimit, keeping: isKept,
                checking: check)
        } catch {
            if error.kind == .missing { return nil }
            throw error
        }
    }

    /// Removes the checkpoints of greater steps than `step`.
    public func removeCheckpoints(afterStep step: Int) throws(FormatError) {
        // Newest first: a kill in between leaves a run that simply stopped earlier.
        for newer in try checkpointSteps().reversed() where newer > step {
            try removeIfPresent(checkpointPath(step: newer))
        }
    }

    private func synchronizeMetrics() throws(FormatError) {
        do throws(FileFailure) {
            guard try layer.status(of: metricsPath) != nil else { return }
            let file = try layer.open(metricsPath, .append)
            do throws(FileFailure) { try layer.synchronize(file) } catch {
                try? layer.close(file)
                throw error
            }
            try layer.close(file)
        } catch {
            throw FormatError(writing: error)
        }
    }
}

extension FormatError {
    /// Whether a checkpoint's own bytes are to blame, which no other program or moment would read.
    fileprivate var isOfBrokenFile: Bool {
        category == .badData && kind != .newerVersion && kind != .tooLarge
    }
}
