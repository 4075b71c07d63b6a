/// Which pass over the data was the best so far, and since which one validation has not improved.
///
/// Any lower loss makes a network the best one. To be worth waiting for, it must be lower by
/// `minimum_improvement` than the one that patience counts from.
package struct ValidationRecord: Hashable, Sendable {
    /// The lowest loss so far; nil: none was measured.
    package var bestLoss: Double?
    /// The pass, from 1, after which it was measured.
    package var bestEpoch = 0
    /// The loss that the next improvement must fall below; nil: none was measured.
    package var referenceLoss: Double?
    /// The pass, from 1, after which it was measured, and from which patience counts.
    package var referenceEpoch = 0

    /// Creates a record of no pass.
    package init() {}

    /// Takes the loss of a pass; returns whether it is the lowest so far.
    package mutating func note(_ loss: Double, epoch: Int, rule: EarlyStoppingSpec?) -> Bool {
        let minimum = rule?.minimumImprovement ?? 0
        if loss < referenceLoss.map({ $0 - minimum }) ?? .infinity {
            (referenceLoss, referenceEpoch) = (loss, epoch)
        }
        guard loss < bestLoss ?? .infinity else { return false }
        (bestLoss, bestEpoch) = (loss, epoch)
        return true
    }

    /// Whether a rule ends training after a pass; nil: there is none.
    package func isOutOfPatience(epoch: Int, rule: EarlyStoppingSpec?) -> Bool {
        rule.map { epoch - referenceEpoch >= $0.patience } ?? false
    }
}
