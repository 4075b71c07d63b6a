package import Logging
import StrataFormats

/// Whether a run can go on from a checkpoint exactly as if it had never stopped.
enum ResumeCheck {
    /// Refuses a file without Strata's checksum: nobody could tell whether its bits are the run's.
    static func seal(of found: FoundCheckpoint) throws(FormatError) {
        guard !found.contents.isVerified else { return }
        throw FormatError(
            .contentInvalid,
            "the checkpoint has no checksum, as if another program had written it; a run cannot go "
                + "on from it exactly", path: found.path,
            hint: "remove it to go on from an older one, or start over with --fresh")
    }

    /// Refuses a position that the run's data do not have, or that is not the file name's.
    static func position(
        _ progress: CheckpointFacts.Progress, of found: FoundCheckpoint, windowsPerEpoch: Int
    ) throws(FormatError) {
        let position = progress.position
        let step = found.step ?? position.step
        guard position.step == step else {
            throw FormatError(
                .contentInvalid,
                "the checkpoint is of step \(position.step), but its name says \(step)",
                path: found.path, hint: "give it its own name again, or remove it")
        }
        let (steps, overflow) = position.epoch.multipliedReportingOverflow(by: windowsPerEpoch)
        guard !overflow, position.window <= windowsPerEpoch,
            position.step - position.window == steps, progress.reportedStep <= position.step
        else {
            throw FormatError(
                .contentInvalid,
                "the checkpoint stands at window \(position.window) of epoch "
                    + "\(position.epoch + 1) after \(position.step) steps, but an epoch has "
                    + "\(windowsPerEpoch)",
                path: found.path, hint: "remove it to go on from an older one")
        }
    }
}

extension Logger {
    /// Says that a checkpoint without a checksum is used.
    package func warnOfMissingSeal(path: String) {
        warning(
            "the checkpoint has no checksum, so damage to it would not show",
            metadata: ["path": "\(path)"])
    }
}
