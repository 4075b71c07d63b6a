/// A file whose bytes are written, under a name of its own, but that has not yet replaced its target.
///
/// It ends with ``finish()`` or ``discard()``.
struct UnfinishedFile {
    /// The name to take.
    let target: String
    let file: OpenFile
    let layer: any FileLayer

    /// Brings the bytes to the device and then to the target's name.
    ///
    /// - Throws: ``FormatError``. The target then is what it was; only where syncing the folder
    ///   fails it is already the new file, whose name may not outlast a power loss.
    func finish() throws(FormatError) {
        do throws(FileFailure) {
            do throws(FileFailure) {
                try synchronizeAndClose()
                try layer.rename(file.path, to: target)
            } catch {
                try? layer.remove(file.path)
                throw error
            }
            try layer.synchronizeFolder(AtomicFile.folder(of: target))
        } catch {
            throw FormatError(writing: error, path: target)
        }
    }

    /// Removes the file; the target stays as it is.
    func discard() {
        try? layer.close(file)
        try? layer.remove(file.path)
    }

    private func synchronizeAndClose() throws(FileFailure) {
        do throws(FileFailure) { try layer.synchronize(file) } catch {
            try? layer.close(file)
            throw error
        }
        // Network file systems report a full disk as late as here.
        try layer.close(file)
    }
}
