import StrataGraph
import StrataSchema
import StrataTraining

extension Model {
    /// Compiles a network for what it reads and answers.
    ///
    /// - Parameter fills: whether the parameters are filled from the network's seed; otherwise they
    ///   stay zero, to be read from a file.
    /// - Throws: `ConfigurationError` for a network that does not suit the data, or that needs
    ///   more memory than there is.
    convenience init(
        compiling network: Network, input: TensorSpec, target: TargetSpec, fills: Bool
    ) throws(ConfigurationError) {
        let layers = network.spec.network
        if !input.isSequence {
            // It runs on sequences of one step, but must make sense for vectors.
            _ = try GraphCompiler.compile(
                layers, inputs: [GraphInput(GraphInput.defaultName, input)], target: target,
                texts: network.texts)
        }
        try self.init(
            network: layers, input: input.inWindows, target: target,
            seed: fills ? network.spec.seed : nil,
            precision: network.spec.training.precision, texts: network.texts)
    }
}
