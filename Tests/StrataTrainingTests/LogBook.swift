import Logging
import Synchronization

/// Keeps what is logged, as lines "path: level: message".
final class LogBook: Sendable {
    private let entries = Mutex<[String]>([])

    var lines: [String] { entries.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let path = event.metadata?["path"].map { "\($0): " } ?? ""
            book.entries.withLock { $0.append("\(path)\(event.level): \(event.message)") }
        }
    }
}
