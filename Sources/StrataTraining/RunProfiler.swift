package import StrataFormats
package import StrataRuntime

/// The profile of a training run: a table, and a trace on disk.
package final class RunProfiler {
    private let trainer: Trainer
    private let profiler: Profiler

    init(trainer: Trainer, options: Profiler.Options) {
        self.trainer = trainer
        profiler = Profiler(workers: trainer.workers, options: options)
        trainer.profiler = profiler
    }

    /// Whether all steps are recorded that are going to be.
    package var isComplete: Bool { profiler.isComplete }

    /// Where the time of the recorded steps went; nil where none is recorded.
    package func profile() -> Profile? { trainer.profile() }

    /// Writes the recorded steps in the trace event format.
    package func writeTrace(to path: String) throws(FormatError) {
        try AtomicFile.write(ProfileTrace(profiler, plan: trainer.executor.plan).json, to: path)
    }
}
