import Foundation
import StrataFormats
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
        let available = Double(SystemMemory.available)
        guard needed > available else { return }
        throw ConfigurationError([
            Diagnostic(
                .limit, path: ["network"],
                "the network needs \(gibibytes(needed)) of memory; there are "
                    + gibibytes(available),
                hint: graph.remedies)
        ])
    }

    private static func gibibytes(_ bytes: Double) -> String {
        String(format: "%.1f GiB", bytes / Double(1 << 30))
    }
}
