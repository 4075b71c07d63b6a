import Foundation
import StrataSchema

/// Refuses networks that cannot fit before anything is allocated.
enum MemoryGuard {
    /// - Throws: a configuration error of code `.limit` that says how much would be needed.
    static func check(floats: Int, of what: String) throws(ConfigurationError) {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        let (bytes, overflow) = floats.multipliedReportingOverflow(by: 4)
        guard overflow || bytes > physical else { return }
        let needed = overflow ? "more than \(Int.max >> 30)" : "\(bytes >> 30)"
        throw ConfigurationError([
            Diagnostic(
                .limit,
                "the network needs \(needed) GiB for its \(what); this machine has "
                    + "\(physical >> 30) GiB",
                hint: "lower units, batch_size or sequence_length")
        ])
    }
}
