import Foundation
package import StrataGraph
import StrataRuntime
import StrataSchema

/// Refuses networks that cannot fit before anything is allocated.
package enum MemoryGuard {
    /// The most memory that a network takes at one time, in bytes: parameters throughout, and
    /// besides them first what fills the parameters, then the optimizer and what a plan runs in,
    /// where it trains with gradients.
    ///
    /// - Parameters:
    ///   - plan: nil: only the parameters are made.
    ///   - rule: how parameters are updated; nil: they are not.
    ///   - fills: whether the parameters are filled with first values.
    package static func bytes(
        for graph: Graph, plan: ExecutionPlan?, updating rule: UpdateRule?, fills: Bool = true
    ) -> Double {
        // In doubles, so that no size overflows.
        let parameters = Double(graph.parameterCount) * Double(MemoryLayout<Float>.stride)
        let filled = fills ? graph.parameters : []
        let filling = filled.map { ParameterFiller.bytes(for: $0.spec) }.max() ?? 0
        let moments = [rule?.keepsFirstMoment, rule?.keepsSecondMoment].count { $0 == true }
        let running = plan.map(Executor.bytes(for:)) ?? 0
        return parameters + max(filling, Double(moments) * parameters + running)
    }

    /// Refuses a network that needs more memory than there is.
    ///
    /// - Throws: a configuration error of code `.limit` that says how much would be needed.
    static func check(
        _ graph: Graph, plan: ExecutionPlan? = nil, updating rule: UpdateRule? = nil,
        fills: Bool = true
    ) throws(ConfigurationError) {
        let needed = bytes(for: graph, plan: plan, updating: rule, fills: fills)
        guard needed > Double(available) else { return }
        throw ConfigurationError([
            Diagnostic(
                .limit, path: ["network"],
                "the network needs \(gibibytes(needed)) of memory; there are "
                    + gibibytes(Double(available)),
                hint: graph.remedies)
        ])
    }

    /// The memory that this process may use, in bytes: the machine's, or what a container or
    /// `ulimit -v` leaves of it.
    package static let available: Int = {
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

    private static func gibibytes(_ bytes: Double) -> String {
        String(format: "%.1f GiB", bytes / Double(1 << 30))
    }
}
