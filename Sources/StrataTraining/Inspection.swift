package import StrataData
package import StrataGraph
import StrataKernels
package import StrataSchema

/// What a spec amounts to, found without training: its graph and its plan.
package struct Inspection {
    package let graph: Graph
    package let plan: ExecutionPlan

    /// Compiles a spec for its data and plans one training window.
    ///
    /// - Parameter options: how it is meant to be run.
    /// - Throws: `ConfigurationError` with everything that the first failing pass found.
    package init(
        _ spec: ModelSpec, data: TokenDataset, texts: SourceTexts,
        options: TrainingRun.Options = TrainingRun.Options()
    ) throws(ConfigurationError) {
        do {
            try self.init(spec, data: data, options)
        } catch {
            throw error.followingFromNetwork(texts: texts)
        }
    }

    private init(
        _ spec: ModelSpec, data: TokenDataset, _ options: TrainingRun.Options
    ) throws(ConfigurationError) {
        try RunCheck.windows(spec.training, sequenceLength: data.sequenceLength)
        let validation = data.windows(data.validation, spec.training, isWhole: true)
        try RunCheck.earlyStopping(
            spec.training, hasValidation: validation.count > 0,
            remedy: "give data.split a validation part of two tokens or more")
        let V = data.vocabulary.count
        graph = try GraphCompiler.compile(
            spec.network,
            inputs: [GraphInput(GraphInput.defaultName, TensorSpec(features: V, values: .tokens))],
            target: .classes(V))
        if options.samples {
            try RunCheck.sample(spec, graph: graph, vocabulary: data.vocabulary)
        }
        try HeaderCheck.vocabulary(data.vocabulary, of: graph)
        plan = try Planner.plan(
            graph, steps: spec.training.windowSteps(sequenceLength: data.sequenceLength),
            batch: data.batchSize, for: .training,
            precision: spec.training.precision.used(
                by: try options.table, imitates: options.imitatesBFloat16))
        let violations = PlanChecker.violations(in: plan)
        if !violations.isEmpty {
            throw ConfigurationError([
                Diagnostic(
                    .graph, "the plan is not sound: " + violations.joined(separator: "; "),
                    hint: "this is a mistake in Strata, not in the file; please report it")
            ])
        }
        try MemoryGuard.check(graph, plan: plan, updating: spec.training.optimizer.optimizer.rule)
    }
}
