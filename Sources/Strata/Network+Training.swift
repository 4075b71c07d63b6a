public import StrataData
import StrataKernels
import StrataRuntime
import StrataSchema
public import StrataTraining
import Synchronization

extension Network {
    /// Trains the network and returns the result; the calling thread works until then.
    ///
    /// The same network, examples and settings give the same bits for any number of threads.
    /// Where there are validation examples, the result has the parameters of the pass with the
    /// lowest validation loss, whatever `early_stopping` counts as an improvement, which is heeded.
    ///
    /// - Parameters:
    ///   - examples: what to learn.
    ///   - validation: what to measure after each pass; nil: for a text its validation part.
    ///   - epochs: passes over the examples; nil: as the network's settings say.
    ///   - batchSize: examples of one update; nil: all, up to 32. A text brings its own.
    ///   - threads: workers, from 1 to 1024.
    ///   - progress: told after every update, on the calling thread.
    /// - Throws: ``TrainingError``: `.configuration` where the network does not suit the data,
    ///   `.data` and `.runtime` for unusable arguments, `.diverged` where the loss, a gradient or a
    ///   parameter is not finite.
    public func train(
        on examples: Examples, validation: Examples? = nil, epochs: Int? = nil,
        batchSize: Int? = nil, threads: Int = 1, progress: ((TrainingProgress) -> Void)? = nil
    ) throws(TrainingError) -> TrainedNetwork {
        let loop = try TrainingLoop(
            self,
            .init(
                examples: examples, validation: validation, epochs: epochs, batchSize: batchSize,
                threads: threads))
        guard let trained = try loop.run(shouldStop: { false }, observe: { progress?($0) }) else {
            preconditionFailure("training ended that nobody stopped")
        }
        return trained
    }

    /// Trains on a thread of its own and reports every update.
    ///
    /// The last element repeats the progress of the last update and carries the
    /// ``TrainingProgress/trained`` network. Cancelling the task that reads, or giving the stream
    /// up, stops training after the present update; the stream then ends without a network. A
    /// reader that is slower than training misses older updates, never the last element.
    ///
    /// The parameters are those of ``train(on:validation:epochs:batchSize:threads:progress:)``;
    /// the stream throws the same ``TrainingError``, and `.runtime` where the system gives no thread.
    public func training(
        on examples: Examples, validation: Examples? = nil, epochs: Int? = nil,
        batchSize: Int? = nil, threads: Int = 1
    ) -> AsyncThrowingStream<TrainingProgress, any Error> {
        let request = TrainingLoop.Request(
            examples: examples, validation: validation, epochs: epochs, batchSize: batchSize,
            threads: threads)
        return stream(request, ended: {})
    }

    /// Trains on a thread of its own and returns the result.
    ///
    /// - Throws: `CancellationError` where the task was cancelled, else ``TrainingError``.
    public func trained(
        on examples: Examples, validation: Examples? = nil, epochs: Int? = nil,
        batchSize: Int? = nil, threads: Int = 1
    ) async throws -> TrainedNetwork {
        let stream = training(
            on: examples, validation: validation, epochs: epochs, batchSize: batchSize,
            threads: threads)
        for try await progress in stream {
            if let trained = progress.trained { return trained }
        }
        throw CancellationError()
    }

    /// Trains on a thread that `start` makes, if it can.
    ///
    /// - Parameter ended: called on the training thread when its work is over, for whatever reason.
    package func stream(
        _ request: TrainingLoop.Request,
        start: (@escaping @Sendable () -> Void) -> Bool = DetachedThread.start,
        ended: @escaping @Sendable () -> Void
    ) -> AsyncThrowingStream<TrainingProgress, any Error> {
        AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1024)) { continuation in
            let stop = StopFlag()
            continuation.onTermination = { _ in stop.isRaised.store(true, ordering: .relaxed) }
            let isStarted = start {
                work(request, stop: stop, continuation)
                ended()
            }
            guard !isStarted else { return }
            continuation.finish(
                throwing: TrainingError.runtime(
                    RuntimeError(
                        .outOfMemory, "the system gives no thread to train on",
                        hint: "call 'train', which works on the calling thread")))
        }
    }

    private func work(
        _ request: TrainingLoop.Request, stop: StopFlag,
        _ continuation: AsyncThrowingStream<TrainingProgress, any Error>.Continuation
    ) {
        do throws(TrainingError) {
            let loop = try TrainingLoop(self, request)
            var last: TrainingProgress?
            let trained = try loop.run {
                stop.isRaised.load(ordering: .relaxed)
            } observe: {
                last = $0
                continuation.yield($0)
            }
            if var last, let trained {
                last.trained = trained
                continuation.yield(last)
            }
            continuation.finish()
        } catch {
            continuation.finish(throwing: error)
        }
    }

    /// Reads the data that the network's YAML names, to train on or to evaluate.
    ///
    /// Relative paths in `spec.data` start from the working folder: reading a file made them so.
    ///
    /// - Throws: ``TrainingError``: `.data` with the file that cannot be used, `.configuration`
    ///   where no data are named.
    public func loadData() throws(TrainingError) -> TokenDataset {
        guard let data = spec.data else {
            throw .configuration(
                ConfigurationError(
                    [
                        Diagnostic(
                            .missingKey, path: ["data"], "the network names no data",
                            hint: "set 'data', or pass examples made in Swift")
                    ], texts: texts))
        }
        do { return try data.source.load(relativeTo: "") } catch { throw .data(error) }
    }
}

/// Says to another thread that it should stop.
private final class StopFlag: Sendable {
    let isRaised = Atomic<Bool>(false)
}
