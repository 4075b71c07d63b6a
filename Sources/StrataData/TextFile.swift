import Foundation

/// A file of a text that is read piece by piece and must stay as it was when it was found.
///
/// It is read and not mapped into memory: whoever shortens a mapped file ends the process that
/// touches it. It is not kept open either, so there may be any number of files.
struct TextFile: Sendable {
    /// The path as messages show it.
    let path: String
    private let absolutePath: String
    private let status: FileStatus

    init(_ file: FoundFile) {
        path = file.path
        status = file.status
        // The working folder may be another one when the file is read again.
        let folder = file.path.hasPrefix("/") ? "" : FileManager.default.currentDirectoryPath
        absolutePath = folder.isEmpty ? file.path : folder + "/" + file.path
    }

    /// Bytes of the file.
    var count: Int { status.size }

    /// Fills `target` with the bytes from `offset` on, which the file must have.
    ///
    /// - Throws: ``DataError`` of kind `changed` where the file is another one, or has other
    ///   contents, than at first.
    func read(from offset: Int, into target: UnsafeMutableRawBufferPointer) throws(DataError) {
        let path = path
        let isUnchanged = try OpenFile.with(absolutePath, named: path) {
            (file, _) throws(DataError) in
            let length = try file.read(from: offset, into: target)
            // Asked afterwards, so that a change before the last byte was read is seen.
            let now = try file.status()
            return length == target.count && now.isUnchanged(since: status)
        }
        guard isUnchanged else { throw Self.changed(path) }
    }

    /// The error for a file that is not as it was.
    static func changed(_ path: String) -> DataError {
        DataError(
            .changed, "the file has changed since it was first read", path: path,
            hint: "start again with files that stay as they are")
    }
}
