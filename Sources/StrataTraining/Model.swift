package import StrataFormats
package import StrataGraph
package import StrataKernels
package import StrataRuntime
package import StrataSchema

/// A compiled network with its parameters: what training changes and inference reads.
package final class Model: @unchecked Sendable {
    package let graph: Graph
    package let parameters: ParameterStore
    package let kernels: Kernels
    /// What the products of all its plans multiply.
    package let precision: Precision

    /// What a run names its kernels by: equal names compute equal bits.
    package var instructionSet: String { kernels.instructionSet(in: precision.code) }

    /// Compiles a network for given data and fills its parameters from the seed.
    ///
    /// - Parameters:
    ///   - seed: nil: the parameters stay zero, to be read from a file.
    ///   - precision: what the products multiply, where the kernels are fast at it.
    ///   - imitates: whether that holds where they are slow, too.
    /// - Throws: `ConfigurationError` for a network that does not suit the data, or that needs
    ///   more memory than there is.
    package convenience init(
        network: NetworkSpec, input: TensorSpec, target: TargetSpec?, seed: UInt64?,
        kernels: Kernels = .best, precision: Precision = .float32, imitates: Bool = false,
        texts: SourceTexts = SourceTexts()
    ) throws(ConfigurationError) {
        let graph = try Self.graph(
            of: network, input: input, target: target, fills: seed != nil, texts: texts)
        do {
            try self.init(graph, kernels, precision.used(by: kernels, imitates: imitates))
        } catch {
            throw ConfigurationError(outOfMemory: error, texts: texts)
        }
        if let seed { parameters.initialize(seed: seed) }
    }

    /// Takes the parameters of a compiled network from a file's tensors.
    ///
    /// Memory is taken once they are known to be the network's.
    ///
    /// - Throws: `TrainingError`: `.file` for tensors of another network, or that are not finite,
    ///   `.configuration` where memory does not suffice.
    package convenience init(
        graph: Graph, precision: Precision, parameters tensors: [TensorEntry], path: String
    ) throws(TrainingError) {
        do throws(FormatError) { try graph.checkParameters(tensors) } catch {
            throw .file(error.at(path: path))
        }
        do throws(RuntimeError) {
            try self.init(graph, .best, precision.used(by: .best, imitates: false))
        } catch {
            throw .configuration(ConfigurationError(outOfMemory: error))
        }
        do throws(FormatError) { try parameters.restore(tensors) } catch {
            throw .file(error.at(path: path))
        }
    }

    private init(
        _ graph: Graph, _ kernels: Kernels, _ precision: Precision
    ) throws(RuntimeError) {
        parameters = try ParameterStore(graph: graph)
        self.graph = graph
        self.kernels = kernels
        self.precision = precision
    }

    /// Compiles a network for given data.
    ///
    /// - Parameter fills: whether its parameters will be filled with first values.
    /// - Throws: `ConfigurationError` for a network that does not suit the data, or whose parameters need
    ///   more memory than there is.
    package static func graph(
        of network: NetworkSpec, input: TensorSpec, target: TargetSpec?, fills: Bool = false,
        texts: SourceTexts = SourceTexts()
    ) throws(ConfigurationError) -> Graph {
        do {
            let graph = try GraphCompiler.compile(
                network, inputs: [GraphInput(GraphInput.defaultName, input)], target: target)
            try MemoryGuard.check(graph, fills: fills)
            return graph
        } catch {
            throw error.followingFromNetwork(texts: texts)
        }
    }

    /// The first parameter with a value that is not finite, in words, or nil.
    package var nonFiniteParameter: String? {
        let entry = parameters.entries.first {
            !kernels.allFinite(parameters.values.base + $0.range.lowerBound, count: $0.range.count)
        }
        return entry.map { "the parameter '\($0.name)'" }
    }

    /// The plan for windows of T steps and B sequences.
    ///
    /// - Parameter weights: how weights are read; nil: as they were trained.
    package func plan(
        steps: Int, batch: Int, for purpose: ExecutionMode, weights: WeightPrecision? = nil
    ) throws(ConfigurationError) -> ExecutionPlan {
        do {
            return try Planner.plan(
                graph, steps: steps, batch: batch, for: purpose,
                precision: weights == nil ? precision : .float32)
        } catch {
            throw error.followingFromNetwork()
        }
    }

    /// An executor for windows of T steps and B sequences.
    ///
    /// - Parameters:
    ///   - rule: how the parameters will be updated, if they will, to count its memory.
    ///   - weights: how weights are read; nil: as they were trained.
    package func executor(
        steps: Int, batch: Int, for purpose: ExecutionMode, updating rule: UpdateRule? = nil,
        weights: WeightPrecision? = nil
    ) throws(ConfigurationError) -> Executor {
        let plan = try plan(steps: steps, batch: batch, for: purpose, weights: weights)
        do throws(ConfigurationError) {
            // Filling is over.
            try MemoryGuard.check(graph, plan: plan, updating: rule, fills: false)
            do {
                return try Executor(
                    plan: plan, parameters: parameters, kernels: kernels,
                    weights: weights ?? .float32)
            } catch {
                throw ConfigurationError(outOfMemory: error)
            }
        } catch {
            throw error.followingFromNetwork()
        }
    }
}

extension ConfigurationError {
    /// Says that the system refused memory for the network.
    init(outOfMemory error: RuntimeError, texts: SourceTexts = SourceTexts()) {
        self.init(
            [Diagnostic(.limit, path: ["network"], error.message, hint: error.hint)], texts: texts)
    }
}
