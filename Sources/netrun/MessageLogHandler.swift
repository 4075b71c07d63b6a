import Logging

extension Logger {
    /// Takes what the library logs.
    static let messages = Logger(label: "netrun") { _ in MessageLogHandler() }
}

/// Writes what the library logs to standard error, in the form of the program's own messages.
private struct MessageLogHandler: LogHandler {
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let path = facts["path"].map { "\($0): " } ?? ""
        Console.error("\(path)\(event.level): \(event.message)")
    }
}
