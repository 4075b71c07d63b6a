import StrataFormats

/// The system's files; somebody is told of every operation before it is done, and can hold it up or
/// let it fail.
final class WatchedFileLayer: FileLayer {
    typealias Watch =
        @Sendable (FileFailure.Operation, _ path: String) throws(FileFailure) -> Void

    private let watch: Watch
    private let system = SystemFileLayer()

    init(_ watch: @escaping Watch) { self.watch = watch }

    func open(_ path: String, _ mode: OpenMode) throws(FileFailure) -> OpenFile {
        try watch(mode == .read ? .open : .create, path)
        return try system.open(path, mode)
    }
    func status(of file: OpenFile) throws(FileFailure) -> FileStatus {
        try watch(.inspect, file.path)
        return try system.status(of: file)
    }
    func status(of path: String) throws(FileFailure) -> FileStatus? {
        try watch(.inspect, path)
        return try system.status(of: path)
    }
    func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileFailure) -> Int {
        try watch(.read, file.path)
        return try system.read(file, into: buffer)
    }
    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(FileFailure) -> Int {
        try watch(.write, file.path)
        return try system.write(bytes, to: file)
    }
    func synchronize(_ file: OpenFile) throws(FileFailure) {
        // Waiting for the device itself would only make the tests slow.
        try watch(.synchronize, file.path)
    }
    func synchronizeFolder(_ path: String) throws(FileFailure) {
        try watch(.synchronizeFolder, path)
    }
    func lock(_ file: OpenFile) throws(FileFailure) {
        try watch(.lock, file.path)
        try system.lock(file)
    }
    func truncate(_ file: OpenFile, to length: Int) throws(FileFailure) {
        try watch(.truncate, file.path)
        try system.truncate(file, to: length)
    }
    func close(_ file: OpenFile) throws(FileFailure) {
        try watch(.close, file.path)
        try system.close(file)
    }
    func rename(_ path: String, to newPath: String) throws(FileFailure) {
        try watch(.rename, newPath)
        try system.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(FileFailure) {
        try watch(.remove, path)
        try system.remove(path)
    }
    func createFolder(_ path: String) throws(FileFailure) {
        try watch(.createFolder, path)
        try system.createFolder(path)
    }
    func list(_ path: String) throws(FileFailure) -> [String] {
        try watch(.list, path)
        return try system.list(path)
    }
}
