import Foundation
import StrataFormats
import StrataGraph
import StrataRuntime
import StrataSchema
import StrataTraining

/// `netrun run --profile`: writes the trace and prints the table as soon as the steps are recorded.
final class ProfileReport {
    private let profiler: RunProfiler
    private let path: String
    private let output: Output?
    private var isWritten = false
    private var failure: FormatError?

    /// What is printed besides the trace.
    enum Output { case table, json }

    /// Prepares to record a run.
    ///
    /// - Parameter output: what to print; nil: nothing.
    /// - Throws: `FormatError` where the trace could not be written, or would replace a file that the
    ///   run needs: better now than after training.
    init(
        _ training: TrainingRun, path: String, folder: RunFolder, output: Output?
    ) throws(FormatError) {
        // A trace may be meant for the run's own folder, which training would only make now.
        if path.hasPrefix(folder.path + "/") { try training.makeFolder() }
        try training.checkIsFree(path)
        try AtomicFile.checkWritable(path)
        profiler = training.profile(Profiler.Options())
        self.path = path
        self.output = output
    }

    /// Writes the profile once all steps are recorded; to be called after every step.
    ///
    /// - Parameter prepare: called before something is printed.
    func update(prepare: () -> Void) {
        guard profiler.isComplete, !isWritten else { return }
        prepare()
        write()
    }

    /// Writes what is recorded, unless that was done before.
    ///
    /// - Throws: `FormatError` where the trace could not be written after all, now or before: a
    ///   long training does not end for that.
    func finish() throws(FormatError) {
        if !isWritten { write() }
        if let failure { throw failure }
    }

    private func write() {
        isWritten = true
        guard let profile = profiler.profile() else {
            Console.message(
                "profile: no step was recorded: the run ended before, or one has too many parts\n")
            return
        }
        switch output {
        case .table: Console.message(Self.table(of: profile))
        case .json: Console.product(Self.record(of: profile).json() + "\n")
        case nil: break
        }
        do throws(FormatError) { try profiler.writeTrace(to: path) } catch { failure = error }
    }

    // MARK: The table

    static func table(of profile: Profile) -> String {
        let rate = profile.flops / profile.seconds
        let tokens = Double(profile.window.steps * profile.window.batch) / profile.seconds
        var text = String(
            format: "profile: %d steps of T %d, B %d, each %.3f ms: %.0f rows/s, %.1f GFLOP/s, "
                + "%.0f %% of the %.1f that %d %@\n",
            profile.stepCount, profile.window.steps, profile.window.batch, 1e3 * profile.seconds,
            tokens, rate / 1e9, 100 * rate / profile.peak, profile.peak / 1e9,
            profile.waiting.count, profile.waiting.count == 1 ? "worker reaches" : "workers reach")
        let width = columnWidth(ofLayers: profile.rows.map(\.label))
        text += "layer".padding(to: width) + "work                 calls     MFLOP        ms"
        text += "  of step  GFLOP/s  of peak  ms waiting\n"
        for row in profile.rows + [profile.rest] { text += line(row, profile, width) }
        let waits = profile.waiting.enumerated().map { index, seconds in
            String(
                format: "worker %d %.3f ms (%.1f %%)", index, 1e3 * seconds,
                100 * seconds / profile.seconds)
        }
        return text + "waiting at barriers: " + waits.joined(separator: ", ") + "\n"
    }

    /// What the names of layers take in a table, with a gap.
    static func columnWidth(ofLayers names: [String]) -> Int {
        max(14, 1 + (names.map(\.count).max() ?? 0))
    }

    private static func line(_ row: Profile.Row, _ profile: Profile, _ width: Int) -> String {
        let work = (row.isPart ? "  " : "") + row.work
        var text = (row.isPart ? "" : row.label).padding(to: width) + work.padding(to: 20)
        text += String(format: "%6.0f", row.calls)
        text += row.flops > 0 ? String(format: "%10.2f", row.flops / 1e6) : "          "
        text += String(
            format: "%10.3f %6.1f %%", 1e3 * row.seconds, 100 * row.seconds / profile.seconds)
        text +=
            row.flops > 0
            ? String(format: "%9.1f %6.0f %%", row.rate / 1e9, 100 * row.rate / profile.peak)
            : String(repeating: " ", count: 18)
        return text + String(format: "%12.3f\n", 1e3 * row.waiting)
    }

    // MARK: For programs

    private static func record(of profile: Profile) -> ConfigValue {
        [
            "event": "profile", "steps": .int(profile.stepCount),
            "seconds_per_step": .double(profile.seconds), "flops_per_step": .double(profile.flops),
            "peak_flops_per_second": .double(profile.peak),
            "rows": .list(
                profile.rows.map { row in
                    [
                        "layer": .string(row.layer), "work": .string(row.work),
                        "is_part": .bool(row.isPart), "calls": .double(row.calls),
                        "flops": .double(row.flops), "seconds": .double(row.seconds),
                        "waiting_seconds": .double(row.waiting),
                    ]
                }),
            "rest_seconds": .double(profile.rest.seconds),
            "waiting_seconds": .list(profile.waiting.map { .double($0) }),
        ]
    }
}
