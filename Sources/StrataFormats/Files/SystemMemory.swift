#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The machine's memory, which bounds what is worth reading.
package enum SystemMemory {
    /// The physical memory in bytes.
    package static let bytes: Int = {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let (bytes, overflow) = pages.multipliedReportingOverflow(
            by: Int(sysconf(Int32(_SC_PAGESIZE))))
        return overflow || bytes <= 0 ? Int.max : bytes
    }()

    /// Refuses a size before it is allocated: a failed allocation would end the process.
    package static func check(_ size: Int, limit: Int, path: String) throws(FormatError) {
        guard size > limit else { return }
        throw FormatError(
            .tooLarge, "needs \(size) bytes of memory, but only \(limit) are allowed", path: path)
    }
}
