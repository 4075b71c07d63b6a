import StrataData
import StrataFormats
import StrataKernels

// MARK: Checkpoints

extension TrainingRun {
    /// Saves a checkpoint of this moment, while training goes on.
    ///
    /// Parameters and moments are read from where they are: the next update waits until that is
    /// done, but not until the file is on the device. ``finishSaving(_:)`` tells what became of it.
    func save(_ observe: (RunEvent) -> Void, isBest: Bool = false) throws(TrainingError) {
        try finishSaving(observe)
        progress.position = trainer.position
        // A stop right behind a save has nothing to add to it.
        if savedProgress == progress, !isBest { return }
        try checkParameters()
        let facts = CheckpointFacts(
            spec: spec, progress: progress, vocabulary: data.vocabulary,
            fingerprint: data.fingerprint, kernels: model.instructionSet,
            precision: model.precision)
        let tensors = try onFolder { () throws(FormatError) in try trainer.streams() }
        let (step, keep) = (trainer.position.step, spec.training.checkpoints.keep)
        let (folder, gate) = (folder, trainer.update.gate)
        gate.close()
        savedProgress = progress
        saving = BackgroundWork { () throws(FormatError) in
            defer { gate.open() }
            let writer: SafetensorsWriter
            do throws(FormatError) {
                writer = try SafetensorsWriter(tensors: tensors, metadata: facts.metadata)
            } catch {
                throw error.at(path: folder.checkpointPath(step: step))
            }
            return try folder.saveCheckpoint(
                writer, step: step, keepLast: keep, isBest: isBest, whenRead: gate.open)
        }
    }

    /// Waits for the checkpoint that is being written, if one is, and tells what became of it.
    func finishSaving(_ observe: (RunEvent) -> Void) throws(TrainingError) {
        guard let work = saving else { return }
        saving = nil
        let saved = try onFiles { () throws(FormatError) in try work.wait() }
        saved.failures.forEach { observe(.warning($0)) }
        observe(.checkpoint(path: saved.path))
    }

    /// A last update can leave parameters that only the next loss would show to be bad.
    func checkParameters() throws(TrainingError) {
        guard let place = model.nonFiniteParameter else { return }
        throw TrainingError.diverged(step: trainer.position.step, loss: lastLoss, place: place)
    }
}
