internal import Synchronization

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The right to write into a run folder, held until ``release()`` or the end of the process.
///
/// The system drops the lock of a process that dies, so that nothing stale can remain. Swift may
/// free an object after its last use: call ``release()``, in a `defer`, to hold the lock till then.
public final class RunLock: Sendable {
    private let file: Mutex<OpenFile?>
    private let path: String
    private let layer: any FileLayer

    /// Locks the file at a path, which is made if need be and stays when the lock is released:
    /// removing it would let two processes lock two files of that name.
    init(path: String, layer: any FileLayer) throws(FormatError) {
        let file: OpenFile
        do throws(FileFailure) { file = try layer.open(path, .lock) } catch {
            throw FormatError(writing: error)
        }
        do throws(FileFailure) { try layer.lock(file) } catch {
            let holder = Self.holder(file, layer)
            try? layer.close(file)
            guard error.code == EWOULDBLOCK else { throw FormatError(writing: error) }
            throw FormatError(
                .locked,
                "the run is in use by " + (holder.map { "process \($0)" } ?? "another process"),
                path: path, hint: "wait for it, stop it, or choose another name for this run")
        }
        // The number only serves the message above: without it, the lock is no weaker.
        try? layer.truncate(file, to: 0)
        try? layer.writeAll(Array("\(getpid())\n".utf8)[...], to: file)
        self.file = Mutex(file)
        self.path = path
        self.layer = layer
    }

    /// Refuses to go on where the folder was removed or replaced, and with it the locked file:
    /// another run may have locked the one that is there now.
    ///
    /// - Throws: ``FormatError`` `.locked`.
    public func check() throws(FormatError) {
        guard let open = file.withLock({ $0 }) else { return }
        let held: Bool
        do throws(FileFailure) {
            held = try layer.status(of: open).identity == layer.status(of: path)?.identity
        } catch {
            throw FormatError(reading: error)
        }
        guard !held else { return }
        throw FormatError(
            .locked, "the run's lock was removed or replaced while the run went on", path: path,
            hint: "nothing more is written there; run again to go on from what the folder holds")
    }

    deinit { release() }

    /// Lets others write; does nothing the second time.
    public func release() {
        let open = file.withLock { file in
            defer { file = nil }
            return file
        }
        if let open { try? layer.close(open) }
    }

    private static func holder(_ file: OpenFile, _ layer: any FileLayer) -> Int? {
        guard let text = try? layer.readAll(32, from: file) else { return nil }
        return Int(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
