import StrataGraph
import StrataSchema
import StrataTraining

extension Model {
    /// Compiles a network for what it reads and answers.
    ///
    /// - Parameter fills: whether the parameters are filled from the network's seed; otherwise they
    ///   stay zero.
    /// - Throws: `ConfigurationError` for a network that does not suit the data, or that needs
    ///   more memory than there is.
    convenience init(
        compiling network: Network, input: TensorSpec, target: TargetSpec, fills: Bool
    ) throws(ConfigurationError) {
        try Self.checkVectors(network, input: input, target: target)
        try self.init(
            network: network.spec.network, input: input.inWindows, target: target,
            seed: fills ? network.spec.seed : nil,
            precision: network.spec.training.precision, texts: network.texts)
    }

    /// The graph of a network that is to be read from a file.
    ///
    /// - Throws: as ``init(compiling:input:target:fills:)``.
    static func graph(
        compiling network: Network, input: TensorSpec, target: TargetSpec
    ) throws(ConfigurationError) -> Graph {
        try checkVectors(network, input: input, target: target)
        return try graph(
            of: network.spec.network, input: input.inWindows, target: target, texts: network.texts)
    }

    /// A network of vectors runs on sequences of one step, but must make sense for vectors.
    private static func checkVectors(
        _ network: Network, input: TensorSpec, target: TargetSpec
    ) throws(ConfigurationError) {
        guard !input.isSequence else { return }
        _ = try GraphCompiler.compile(
            network.spec.network, inputs: [GraphInput(GraphInput.defaultName, input)],
            target: target, texts: network.texts)
    }
}
