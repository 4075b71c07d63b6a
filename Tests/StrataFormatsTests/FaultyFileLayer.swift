import Foundation
import StrataFormats
import Synchronization

/// The system's files, of which the n-th operation fails.
final class FaultyFileLayer: FileLayer {
    enum Fault: Hashable, Sendable {
        /// The operation fails and does nothing.
        case error(Int32)
        /// A write takes half of its bytes and succeeds; other operations work.
        case shortWrite
        /// A write takes half of its bytes, the next operation fails.
        case shortWriteThenError(Int32)
    }

    struct State {
        var count = 0
        var hasFailed = false
    }

    let failing: Int
    let fault: Fault
    /// Whether all operations after the n-th fail too, like on a device that is gone.
    let lasts: Bool
    private let state = Mutex(State())
    private let system = SystemFileLayer()

    /// Counts from 1; 0 never fails.
    init(failing: Int, _ fault: Fault, lasts: Bool = false) {
        self.failing = failing
        self.fault = fault
        self.lasts = lasts
    }

    /// Whether the fault was reached.
    var hasFailed: Bool { state.withLock(\.hasFailed) }

    /// Whether this write is to be short; throws where the operation is to fail.
    @discardableResult
    private func count(
        _ operation: FileFailure.Operation, _ path: String
    ) throws(FileFailure) -> Bool {
        let distance = state.withLock { state in
            state.count += 1
            if failing > 0, state.count >= failing { state.hasFailed = true }
            return failing > 0 ? state.count - failing : -1
        }
        switch fault {
        case .error(let code):
            if distance == 0 || distance > 0 && lasts {
                throw FileFailure(operation, path, code: code)
            }
            return false
        case .shortWrite: return distance == 0 || distance > 0 && lasts
        case .shortWriteThenError(let code):
            if distance == 1 || distance > 1 && lasts {
                throw FileFailure(operation, path, code: code)
            }
            return distance == 0
        }
    }

    func open(_ path: String, _ mode: OpenMode) throws(FileFailure) -> OpenFile {
        try count(mode == .read ? .open : .create, path)
        return try system.open(path, mode)
    }
    func status(of file: OpenFile) throws(FileFailure) -> FileStatus {
        try count(.inspect, file.path)
        return try system.status(of: file)
    }
    func status(of path: String) throws(FileFailure) -> FileStatus? {
        try count(.inspect, path)
        return try system.status(of: path)
    }
    func read(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileFailure) -> Int {
        try count(.read, file.path)
        return try system.read(file, into: buffer)
    }
    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(FileFailure) -> Int {
        let isShort = try count(.write, file.path)
        let part =
            isShort ? UnsafeRawBufferPointer(rebasing: bytes[..<((bytes.count + 1) / 2)]) : bytes
        return try system.write(part, to: file)
    }
    func synchronize(_ file: OpenFile) throws(FileFailure) {
        try count(.synchronize, file.path)
        // Waiting for the device would only make the tests slow.
    }
    func synchronizeFolder(_ path: String) throws(FileFailure) {
        try count(.synchronizeFolder, path)
    }
    func lock(_ file: OpenFile) throws(FileFailure) {
        try count(.lock, file.path)
        try system.lock(file)
    }
    func truncate(_ file: OpenFile, to length: Int) throws(FileFailure) {
        try count(.truncate, file.path)
        try system.truncate(file, to: length)
    }
    func close(_ file: OpenFile) throws(FileFailure) {
        try system.close(file)
        try count(.close, file.path)
    }
    func rename(_ path: String, to newPath: String) throws(FileFailure) {
        try count(.rename, newPath)
        try system.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(FileFailure) {
        try count(.remove, path)
        try system.remove(path)
    }
    func createFolder(_ path: String) throws(FileFailure) {
        try count(.createFolder, path)
        try system.createFolder(path)
    }
    func list(_ path: String) throws(FileFailure) -> [String] {
        try count(.list, path)
        return try system.list(path)
    }
}

/// Runs `body` with a layer that fails the first operation, then the second, until none fails.
///
/// `check` sees the layer and the error of each run but the last.
func forEveryFailure(
    _ fault: FaultyFileLayer.Fault, lasts: Bool,
    run body: (FaultyFileLayer) throws -> Void,
    check: ((any Error)?) throws -> Void
) throws -> Int {
    for number in 1...1000 {
        let layer = FaultyFileLayer(failing: number, fault, lasts: lasts)
        var thrown: (any Error)?
        do { try body(layer) } catch { thrown = error }
        try check(thrown)
        if !layer.hasFailed { return number - 1 }
    }
    return 1000
}
