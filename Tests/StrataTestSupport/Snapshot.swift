import Foundation

/// Texts that must stay as they are, kept in `Tests/Goldens`.
package enum Snapshot {
    /// The kept text of a name.
    ///
    /// A missing one is written and not returned, so that its first test fails; so is every one
    /// while the environment sets `STRATA_RECORD`.
    package static func kept(_ name: String, new: String) throws -> String? {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Goldens").appending(path: name)
        let isRecording = ProcessInfo.processInfo.environment["STRATA_RECORD"] != nil
        if !isRecording, FileManager.default.fileExists(atPath: file.path) {
            return try String(contentsOf: file, encoding: .utf8)
        }
        try Data(new.utf8).write(to: file)
        return nil
    }
}
