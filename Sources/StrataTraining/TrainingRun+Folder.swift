import Logging
import StrataData
import StrataFormats
import StrataGraph
import StrataKernels
import StrataSchema

// MARK: The folder

extension TrainingRun {
    func prepareFolder(_ observe: (RunEvent) -> Void) throws(TrainingError) {
        let found = try onFiles { () throws(FormatError) in
            options.isFresh ? nil : try folder.newestReadableCheckpoint()
        }
        if let found {
            found.skipped.forEach { observe(.skipped($0)) }
            try resume(found)
            // Where all is done, nothing goes on.
            if !isFinished { observe(.resumed(step: trainer.position.step, path: found.path)) }
        }
        try onFiles { () throws(FormatError) in
            if found == nil { try folder.removeResults() }
            try folder.writeSpec(renderedSpec)
        }
    }

    private func resume(_ found: FoundCheckpoint) throws(TrainingError) {
        let snapshot = try onFiles { () throws(FormatError) in
            try ResumeCheck.seal(of: found)
            return try Snapshot(found.contents, path: found.path)
        }
        try check(snapshot.facts)
        try onFiles { () throws(FormatError) in
            try ResumeCheck.position(
                snapshot.facts.progress, of: found, windowsPerEpoch: trainer.windowsPerEpoch)
            try snapshot.restore(model, path: found.path)
            try snapshot.restore(trainer, path: found.path)
        }
        progress = snapshot.facts.progress
        // A run that stopped early goes on if it may now be more patient.
        progress.isStopped =
            progress.isStopped && isOutOfPatience(epoch: trainer.position.epoch)
        try onFiles { () throws(FormatError) in try removeWhatIsWrittenAgain() }
    }

    /// Refuses a checkpoint that was made by other settings, data, kernels or precision.
    private func check(_ facts: CheckpointFacts) throws(TrainingError) {
        let differences = SpecDifference.lines(before: facts.spec.config, now: spec.config)
        let advice = "use --fresh to start over, or --run DIR for another folder"
        if !differences.isEmpty {
            throw TrainingError.mismatch(
                "the run in \(folder.path) has other settings: "
                    + differences.joined(separator: "; "), hint: advice)
        }
        if facts.fingerprint != data.fingerprint {
            throw TrainingError.mismatch(
                "the data of the run in \(folder.path) have changed since it stopped", hint: advice)
        }
        // Kernels go by different names in different precisions, so these come first.
        if facts.precision != model.precision { throw precisionMismatch(facts, advice) }
        if facts.kernels != model.instructionSet {
            throw TrainingError.mismatch(
                "the run in \(folder.path) was computed with \(facts.kernels) kernels, not "
                    + "\(model.instructionSet): the result could not be exact",
                hint: canGoOn(facts)
                    ? "go on with --kernels \(facts.kernels), or start over with --fresh" : advice)
        }
    }

    private func precisionMismatch(_ facts: CheckpointFacts, _ advice: String) -> TrainingError {
        let (before, now) = (facts.spec.training.precision, spec.training.precision)
        let difference =
            before == now
            ? "was computed in \(facts.precision), not in \(model.precision)"
            : "has another setting: training.precision was \(before), is \(now)"
        // Either is used here where it is asked for.
        let isUsed =
            facts.precision.used(by: model.kernels, imitates: options.imitatesBFloat16)
            == facts.precision
        return .mismatch(
            "the run in \(folder.path) \(difference): the result could not be exact",
            hint: isUsed && facts.precision != now
                ? "go on with --set training.precision=\(facts.precision), or start over with --fresh"
                : advice)
    }

    /// Whether the kernels of a checkpoint would compute in its precision here.
    private func canGoOn(_ facts: CheckpointFacts) -> Bool {
        guard let kernels = Kernels.named(facts.kernels) else { return false }
        let used = facts.precision.used(by: kernels, imitates: options.imitatesBFloat16)
        return used == facts.precision
    }

    private func removeWhatIsWrittenAgain() throws(FormatError) {
        // A pass that ended and was not saved is evaluated again.
        let reported = Double(progress.reportedStep)
        let removed = try folder.truncateMetrics(afterStep: trainer.position.step) { record in
            record["train_loss"] != nil && (record["step"]?.number ?? 0) > reported
        }
        if removed > 0 {
            options.logger?.info(
                "removed \(removed) lines of metrics, which are written again",
                metadata: ["path": "\(folder.metricsPath)"])
        }
        try folder.removeSamples(afterStep: trainer.position.step)
    }

    func log(_ record: ConfigValue) throws(TrainingError) {
        try onFolder { () throws(FormatError) in try folder.appendMetrics(record) }
    }
}
