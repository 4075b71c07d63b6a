import Foundation
import StrataFormats
import StrataSchema
import StrataTraining
import Testing

/// Which network is the best, and when validation no longer improves, are two questions.
struct ValidationRecordTests {
    private static func rule(patience: Int, minimum: Double) -> EarlyStoppingSpec {
        var rule = EarlyStoppingSpec()
        rule.patience = patience
        rule.minimumImprovement = minimum
        return rule
    }

    @Test func anyLowerLossIsTheBestAndOnlyAMuchLowerOneResetsPatience() {
        let rule = Self.rule(patience: 3, minimum: 0.1)
        var record = ValidationRecord()
        var (best, ended) = ([Int](), 0)
        for (index, loss) in [1.0, 0.95, 0.88, 0.85, 0.9, 0.79].enumerated() {
            let epoch = index + 1
            if record.note(loss, epoch: epoch, rule: rule) { best.append(epoch) }
            if ended == 0, record.isOutOfPatience(epoch: epoch, rule: rule) { ended = epoch }
        }
        #expect(best == [1, 2, 3, 4, 6])
        // 0.88 reset it; neither 0.85 nor 0.79 is lower by 0.1.
        #expect(ended == 6)
        #expect(record.bestLoss == 0.79 && record.referenceLoss == 0.88)
    }

    @Test func withoutARuleNothingEnds() {
        var record = ValidationRecord()
        let best = [1, 2].map { record.note(1, epoch: $0, rule: nil) }
        #expect(best == [true, false])
        #expect(!record.isOutOfPatience(epoch: 1000, rule: nil))
    }

    @Test func theLowestLossIsKeptWhateverTheMinimumImprovement() throws {
        let spec = Tiny.spec {
            $0.epochs = 6
            $0.earlyStopping = Self.rule(patience: 3, minimum: 100)
        }
        try withTemporaryFolder { folder in
            var losses: [Double] = []
            let result = try Tiny.run(spec, in: folder).run(
                shouldStop: { false },
                observe: {
                    guard case .epoch(let report) = $0 else { return }
                    let loss = report.validationLoss ?? .nan
                    #expect(report.isBest == (loss < losses.min() ?? .infinity))
                    losses.append(loss)
                })
            #expect(result == .stoppedEarly && losses.count == 4)
            let best = try Tiny.snapshot(folder + "/run/best.safetensors")
            let lowest = try #require(losses.min())
            #expect(lowest < losses[0])
            #expect(best.facts.progress.validation.bestLoss == lowest)
        }
    }

    /// Checkpoints of before there were two comparisons.
    @Test func withoutAReferencePatienceCountsFromTheBest() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec(), in: folder)
            let path = folder + "/run/best.safetensors"
            var file = try Safetensors(reading: path)
            let text = try #require(file.metadata["strata.progress"])
            let progress = try #require(try JSONReader.read(text).pairs)
            file.metadata["strata.progress"] =
                ConfigValue.map(progress.filter { !$0.key.hasPrefix("reference_") }).json()
            try file.write(to: path)
            let record = try Tiny.snapshot(path).facts.progress.validation
            #expect(record.bestLoss != nil && record.referenceLoss == record.bestLoss)
            #expect(record.referenceEpoch == record.bestEpoch && record.bestEpoch > 0)
        }
    }
}
