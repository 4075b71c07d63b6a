#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The memory that there is, which bounds what is worth reading or computing.
package enum SystemMemory {
    /// The memory that this process may use, in bytes: the machine's, or what a container or
    /// `ulimit -v` leaves of it.
    package static let available: Int =
        [containerLimit, addressSpaceLimit].compactMap { $0 }.reduce(physical, min)

    /// Refuses a size before it is allocated: a failed allocation would end the process.
    package static func check(_ size: Int, limit: Int, path: String) throws(FormatError) {
        guard size <= limit else {
            throw FormatError(
                .tooLarge, "needs \(size) bytes of memory, but only \(limit) are allowed",
                path: path)
        }
        // Besides the bytes themselves there is what is made of them, but not all at once.
        guard isGranted(size + min(size, 64 << 20)) else {
            throw FormatError(
                .tooLarge, "needs \(size) bytes of memory, which the system refuses", path: path)
        }
    }

    /// Whether the system would give so many bytes now, of which none is touched.
    private static func isGranted(_ size: Int) -> Bool {
        guard size > 0 else { return true }
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard let memory, memory != MAP_FAILED else { return false }
        munmap(memory, size)
        return true
    }

    private static var physical: Int {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let (bytes, overflow) = pages.multipliedReportingOverflow(
            by: Int(sysconf(Int32(_SC_PAGESIZE))))
        return overflow || bytes <= 0 ? Int.max : bytes
    }

    private static var containerLimit: Int? {
        let paths = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        return paths.lazy.compactMap { number(in: text(of: $0)) }.first { $0 > 0 }
    }

    private static var addressSpaceLimit: Int? {
        let name = "Max address space"
        let line = text(of: "/proc/self/limits").split(separator: "\n").first {
            $0.hasPrefix(name)
        }
        return line.flatMap { number(in: $0.dropFirst(name.count)) }
    }

    /// The first word, where it is a number: a limit that is not set is a word.
    private static func number(in text: some StringProtocol) -> Int? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }

    /// The text of a file of the system; empty where there is no such file, and so no such limit.
    private static func text(of path: String) -> String {
        let layer = SystemFileLayer()
        let bytes = try? layer.withFile(path) { (file, _) throws(FormatError) in
            // Such files have no size.
            try layer.contents(1 << 14, of: file)
        }
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}
