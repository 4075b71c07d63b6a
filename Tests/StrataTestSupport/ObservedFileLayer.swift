package import StrataFormats

/// The system's files, of which somebody is told of every operation and can hold it up or let it
/// fail.
package protocol ObservedFileLayer: FileLayer {
    /// Called before an operation is done, and after a file is closed.
    ///
    /// - Returns: whether a write is to take half of its bytes only; other operations ignore it.
    func observe(_ operation: FileFailure.Operation, _ path: String) throws(FileFailure) -> Bool
}

extension ObservedFileLayer {
    private var system: SystemFileLayer { SystemFileLayer() }

    package func open(_ path: String, _ mode: OpenMode) throws(FileFailure) -> OpenFile {
        _ = try observe(mode == .read ? .open : .create, path)
        return try system.open(path, mode)
    }
    package func status(of file: OpenFile) throws(FileFailure) -> FileStatus {
        _ = try observe(.inspect, file.path)
        return try system.status(of: file)
    }
    package func status(of path: String) throws(FileFailure) -> FileStatus? {
        _ = try observe(.inspect, path)
        return try system.status(of: path)
    }
    package func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileFailure) -> Int {
        _ = try observe(.read, file.path)
        return try system.read(file, into: buffer)
    }
    package func write(
        _ bytes: UnsafeRawBufferPointer, to file: OpenFile
    ) throws(FileFailure) -> Int {
        let isShort = try observe(.write, file.path)
        let part =
            isShort ? UnsafeRawBufferPointer(rebasing: bytes[..<((bytes.count + 1) / 2)]) : bytes
        return try system.write(part, to: file)
    }
    package func synchronize(_ file: OpenFile) throws(FileFailure) {
        // Waiting for the device itself would only make the tests slow.
        _ = try observe(.synchronize, file.path)
    }
    package func synchronizeFolder(_ path: String) throws(FileFailure) {
        _ = try observe(.synchronizeFolder, path)
    }
    package func lock(_ file: OpenFile) throws(FileFailure) {
        _ = try observe(.lock, file.path)
        try system.lock(file)
    }
    package func truncate(_ file: OpenFile, to length: Int) throws(FileFailure) {
        _ = try observe(.truncate, file.path)
        try system.truncate(file, to: length)
    }
    package func close(_ file: OpenFile) throws(FileFailure) {
        try system.close(file)
        _ = try observe(.close, file.path)
    }
    package func rename(_ path: String, to newPath: String) throws(FileFailure) {
        _ = try observe(.rename, newPath)
        try system.rename(path, to: newPath)
    }
    package func remove(_ path: String) throws(FileFailure) {
        _ = try observe(.remove, path)
        try system.remove(path)
    }
    package func createFolder(_ path: String) throws(FileFailure) {
        _ = try observe(.createFolder, path)
        try system.createFolder(path)
    }
    package func list(_ path: String) throws(FileFailure) -> [String] {
        _ = try observe(.list, path)
        return try system.list(path)
    }
}
