import StrataSchema

// MARK: Steps and the ends of passes

extension TrainingRun {
    func step(_ observe: (RunEvent) -> Void) throws(TrainingError) {
        if saving?.isDone == true { try finishSaving(observe) }
        let report = try readingData(observe) { () throws(TrainingError) in try trainer.step() }
        lastLoss = report.loss
        let position = trainer.position
        let progress = StepProgress(
            step: position.step, totalSteps: totalSteps, epoch: position.epoch + 1,
            loss: report.loss, gradientNorm: report.gradientNorm, tokens: report.rows)
        if position.step % spec.training.logEvery == 0 {
            try log([
                "step": .int(progress.step), "epoch": .int(progress.epoch),
                "loss": .double(progress.loss), "gradient_norm": .double(progress.gradientNorm),
            ])
        }
        observe(.step(progress))
        let every = spec.training.checkpoints.every
        if let every, position.step % every == 0, !trainer.isAtEndOfEpoch { try save(observe) }
    }

    /// Evaluates, reports, saves and generates at the end of a pass, or of the run within a pass;
    /// returns false if asked to stop before all was there.
    func endEpoch(_ shouldStop: () -> Bool, _ observe: (RunEvent) -> Void)
        throws(TrainingError) -> Bool
    {
        try checkParameters()
        var isAskedToStop = false
        let validationLoss = try readingData(observe) { () throws(TrainingError) in
            try trainer.evaluate(validation) {
                isAskedToStop = isAskedToStop || shouldStop()
                return isAskedToStop
            }
        }
        if isAskedToStop { return false }
        let trainLoss = trainer.meanLoss
        let epoch = trainer.position.epoch + 1
        // A pass that maximum_steps cuts short stays open, so that a raised one goes on within it.
        if trainer.isAtEndOfEpoch { trainer.finishEpoch() }
        progress.reportedStep = trainer.position.step
        try finishSaving(observe)
        let isBest = noteBest(validationLoss, epoch: epoch)
        let report = EpochReport(
            epoch: epoch, step: trainer.position.step, trainLoss: trainLoss,
            validationLoss: validationLoss, isBest: isBest)
        try log([
            "step": .int(report.step), "epoch": .int(report.epoch),
            "train_loss": .double(trainLoss),
            "validation_loss": validationLoss.map(ConfigValue.double) ?? .null,
            "perplexity": report.perplexity.map(ConfigValue.double) ?? .null,
            "bits_per_token": report.bitsPerToken.map(ConfigValue.double) ?? .null,
        ])
        observe(.epoch(report))
        try save(observe, isBest: isBest || validationLoss == nil)
        return try sample(shouldStop, observe)
    }

    /// Data that can no longer be read undo no update: what was learned is saved before the run ends.
    private func readingData<Result>(
        _ observe: (RunEvent) -> Void, _ body: () throws(TrainingError) -> Result
    ) throws(TrainingError) -> Result {
        do throws(TrainingError) { return try body() } catch {
            if case .data = error, trainer.position.step > 0 { try save(observe) }
            throw error
        }
    }

    /// Compares a validation loss with the best; decides on early stopping.
    private func noteBest(_ loss: Double?, epoch: Int) -> Bool {
        guard let loss else { return false }
        let isBest = progress.validation.note(
            loss, epoch: epoch, rule: spec.training.earlyStopping)
        progress.isStopped = isOutOfPatience(epoch: epoch)
        return isBest
    }

    func isOutOfPatience(epoch: Int) -> Bool {
        progress.validation.isOutOfPatience(epoch: epoch, rule: spec.training.earlyStopping)
    }
}
