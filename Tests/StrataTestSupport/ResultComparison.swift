package import StrataGraph
package import StrataKernels
package import StrataRuntime

/// How far two results of one case are apart.
package enum ResultComparison {
    /// The distance of two vectors in terms of the length of the second.
    ///
    /// Below `floor` per element the second counts as that long: a gradient that is zero but for
    /// rounding has no digits to compare.
    package static func normalizedError(
        _ values: [Double], _ expected: [Double], floor: Double = 1e-4
    ) -> Double {
        guard values.count == expected.count else { return .infinity }
        var (error, length) = (0.0, 0.0)
        for (a, b) in zip(values, expected) {
            error += (a - b) * (a - b)
            length += b * b
        }
        let smallest = floor * floor * Double(max(1, expected.count))
        return (error / max(length, smallest)).squareRoot()
    }

    /// What differs by more than a normalized error, in words; empty where nothing does.
    package static func differences(
        _ result: CaseResult, _ expected: CaseResult, tolerance: Double
    ) -> [String] {
        var differences: [String] = []
        func compare(_ name: String, _ values: [Double], _ wanted: [Double]) {
            let error = normalizedError(values, wanted)
            // Written so that a NaN differs.
            guard error <= tolerance else {
                return differences.append("\(name) is off by \(error)")
            }
        }
        func compareAll(_ values: [CaseResult.Values], _ wanted: [CaseResult.Values]) {
            if values.map(\.name) != wanted.map(\.name) {
                differences.append("\(values.map(\.name)) instead of \(wanted.map(\.name))")
            }
            for (a, b) in zip(values, wanted) { compare(a.name, a.values, b.values) }
        }
        compareAll(result.outputs, expected.outputs)
        compareAll(result.states, expected.states)
        compare("the loss", result.loss.map { [$0] } ?? [], expected.loss.map { [$0] } ?? [])
        compareAll(result.gradients, expected.gradients)
        return differences
    }

    /// What the fast executor computes differently from the reference, with given kernels.
    ///
    /// - Parameter teams: the teams that run the case, each compared.
    package static func fastDifferences(
        _ test: NetworkCase, kernels: [Kernels] = Kernels.all, teams: [WorkerTeam],
        precision: Precision = .float32, tolerance: Double = 2e-5
    ) throws -> [String] {
        var differences: [String] = []
        for mode in [ExecutionMode.training, .evaluation, .inference] {
            guard mode == .inference || !test.targets.isEmpty else { continue }
            let expected = test.reference(mode, precision: precision)
            for kernels in kernels {
                let run = try FastRun(test, for: mode, kernels: kernels, precision: precision)
                // A network is evaluated in its training plan, too, while it is trained.
                let other =
                    mode != .evaluation
                    ? nil
                    : try FastRun(test, for: .training, kernels: kernels, precision: precision)
                for team in teams {
                    try run.resetStates()
                    let result = run.run(mode, team: team)
                    var found = Self.differences(result, expected, tolerance: tolerance)
                    if let other {
                        try other.resetStates()
                        if other.run(mode, team: team).bits != result.bits {
                            found.append("a plan for training computes other bits")
                        }
                    }
                    differences += found.map {
                        "\(test), \(kernels.name), \(team.count) workers, \(mode): \($0)"
                    }
                }
            }
        }
        return differences
    }
}
