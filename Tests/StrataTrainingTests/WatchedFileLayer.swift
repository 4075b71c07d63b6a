import StrataFormats
import StrataTestSupport

/// The system's files; a closure is told of every operation, and can hold it up or let it fail.
final class WatchedFileLayer: ObservedFileLayer {
    typealias Watch =
        @Sendable (FileFailure.Operation, _ path: String) throws(FileFailure) -> Void

    private let watch: Watch

    init(_ watch: @escaping Watch) { self.watch = watch }

    func observe(
        _ operation: FileFailure.Operation, _ path: String
    ) throws(FileFailure) -> Bool {
        try watch(operation, path)
        return false
    }
}
