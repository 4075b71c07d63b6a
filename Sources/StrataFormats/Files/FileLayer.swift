/// The few file operations that runs and checkpoints need, replaceable to test every failure.
///
/// Each call is one operation of the system. `write` and `read` may handle fewer bytes than
/// asked for, as the system does; the extension's `writeAll` and `readAll` loop.
package protocol FileLayer: Sendable {
    /// Opens a file; never follows into a pipe or device that would block.
    func open(_ path: String, _ mode: OpenMode) throws(FileFailure) -> OpenFile
    /// What an open file is and how long.
    func status(of file: OpenFile) throws(FileFailure) -> FileStatus
    /// What is at a path, following links; nil where nothing is.
    func status(of path: String) throws(FileFailure) -> FileStatus?
    /// Reads up to the buffer's size; 0 at the end of the file.
    func read(_ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer)
        throws(FileFailure) -> Int
    /// Writes a leading part of the bytes and returns how many.
    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(FileFailure) -> Int
    /// Returns once the file's bytes are on the device.
    func synchronize(_ file: OpenFile) throws(FileFailure)
    /// Returns once a folder's entries are on the device.
    func synchronizeFolder(_ path: String) throws(FileFailure)
    /// Takes an exclusive advisory lock until the file is closed; fails at once where it is taken.
    func lock(_ file: OpenFile) throws(FileFailure)
    /// Cuts a file to a length.
    func truncate(_ file: OpenFile, to length: Int) throws(FileFailure)
    /// Closes a file; it is closed even when this fails.
    func close(_ file: OpenFile) throws(FileFailure)
    /// Gives a file another name, replacing the file that has it.
    func rename(_ path: String, to newPath: String) throws(FileFailure)
    /// Removes a file.
    func remove(_ path: String) throws(FileFailure)
    /// Makes one folder whose parent exists.
    func createFolder(_ path: String) throws(FileFailure)
    /// The names in a folder, sorted, without `.` and `..`.
    func list(_ path: String) throws(FileFailure) -> [String]
}
