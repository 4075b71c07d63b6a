import StrataFormats
import StrataTestSupport

/// The system's files, of which one cannot be opened.
final class UnreadableFileLayer: ObservedFileLayer {
    let path: String
    let code: Int32

    init(_ path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    func observe(
        _ operation: FileFailure.Operation, _ path: String
    ) throws(FileFailure) -> Bool {
        if operation == .open, path == self.path {
            throw FileFailure(operation, path, code: code)
        }
        return false
    }
}
