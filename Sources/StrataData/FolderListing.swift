import Foundation

/// The names in a folder, as the bytes that the file system holds.
enum FolderListing {
    /// Calls `body` with each name except `.` and `..`, in no particular order.
    static func forEachName<Failure: Error>(
        in folder: String, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Void
    ) throws(ListingError<Failure>) {
        guard let stream = opendir(folder) else { throw .system(SystemError(code: errno)) }
        defer { closedir(stream) }
        // An entry is shorter than its type says, so only its name is touched, never all of it.
        let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 0
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .system(SystemError(code: errno)) }
                return
            }
            let start = UnsafeRawPointer(entry).advanced(by: offset)
                .assumingMemoryBound(to: UInt8.self)
            let length = strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
            let name = UnsafeBufferPointer(start: start, count: length)
            if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
            do { try body(name) } catch { throw .body(error) }
        }
    }
}

/// Why listing a folder ended early.
enum ListingError<Failure: Error>: Error {
    /// The operating system refused.
    case system(SystemError)
    /// The caller's closure threw.
    case body(Failure)
}
