import Foundation
import StrataSchema

/// Refuses networks that cannot fit before anything is allocated.
enum MemoryGuard {
    /// - Throws: a configuration error of code `.limit` that says how much would be needed.
    static func check(floats: Int, of what: String) throws(ConfigurationError) {
        let (bytes, overflow) = floats.multipliedReportingOverflow(by: 4)
        guard overflow || bytes > available else { return }
        let needed = overflow ? "more than \(Int.max >> 30) GiB" : gibibytes(bytes)
        throw ConfigurationError([
            Diagnostic(
                .limit,
                "the network needs \(needed) for its \(what); there are \(gibibytes(available))",
                hint: "lower units, batch_size or sequence_length")
        ])
    }

    /// The memory that this process may use, in bytes: the machine's, or what a container or
    /// `ulimit -v` leaves of it.
    private static let available: Int = {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return [containerLimit, addressSpaceLimit].compactMap { $0 }.reduce(physical, min)
    }()

    private static var containerLimit: Int? {
        let paths = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        return paths.lazy.compactMap { text(of: $0).flatMap { Int($0) } }.first { $0 > 0 }
    }

    private static var addressSpaceLimit: Int? {
        let name = "Max address space"
        let line = text(of: "/proc/self/limits")?.split(separator: "\n").first {
            $0.hasPrefix(name)
        }
        return line?.dropFirst(name.count).split(separator: " ").first.flatMap { Int($0) }
    }

    private static func text(of path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func gibibytes(_ bytes: Int) -> String {
        String(format: "%.1f GiB", Double(bytes) / Double(1 << 30))
    }
}
