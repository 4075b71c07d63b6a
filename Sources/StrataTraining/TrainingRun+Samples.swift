import StrataData
import StrataFormats
import StrataSchema

// MARK: Samples

extension TrainingRun {
    /// Whether the run stopped after the end of a pass was saved and before its text was.
    var lacksSample: Bool {
        get throws(TrainingError) {
            let step = trainer.position.step
            guard step > 0, step == progress.reportedStep else { return false }
            return try onFiles { () throws(FormatError) in try !folder.hasSample(step: step) }
        }
    }

    /// Generates a text; returns false if asked to stop before it was whole.
    func sample(
        _ shouldStop: () -> Bool, _ observe: (RunEvent) -> Void, keeps: Bool = true
    ) throws(TrainingError) -> Bool {
        guard options.samples, spec.generate.length > 0 else { return true }
        guard let text = try sampledText(shouldStop) else { return false }
        if keeps {
            try onFolder { () throws(FormatError) in
                try folder.writeSample(text, step: trainer.position.step)
            }
        }
        observe(.sample(text))
        return true
    }

    private func sampledText(_ shouldStop: () -> Bool) throws(TrainingError) -> String? {
        let sampler: Sampler
        do throws(ConfigurationError) {
            sampler = try Sampler(
                model: model, vocabulary: data.vocabulary, temperature: spec.generate.temperature,
                seed: spec.seed, weights: spec.generate.weights)
        } catch {
            throw .configuration(error)
        }
        var text = spec.generate.prompt
        var isStopped = false
        do throws(DataError) {
            try sampler.generate(prompt: spec.generate.prompt, length: spec.generate.length) {
                text += $0
                isStopped = shouldStop()
                return !isStopped
            }
        } catch {
            throw .data(error)
        }
        return isStopped ? nil : text
    }
}
