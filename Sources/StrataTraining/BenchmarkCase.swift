package import StrataGraph

/// One size to measure: a layer as wide as its input, over windows of T steps and B sequences.
package struct BenchmarkCase: Hashable, Sendable {
    /// The layer's type.
    package var layer: String
    /// Units H, and inputs I.
    package var units: Int
    package var batch: Int
    package var steps: Int
    /// What products multiply, also where it is slow.
    package var precision: Precision

    /// Creates a case.
    package init(
        _ layer: String, units: Int, batch: Int, steps: Int, precision: Precision = .float32
    ) {
        self.layer = layer
        self.units = units
        self.batch = batch
        self.steps = steps
        self.precision = precision
    }

    /// The same size in another precision.
    package func with(_ precision: Precision) -> BenchmarkCase {
        var other = self
        other.precision = precision
        return other
    }

    /// Every combination of layers, units and batch sizes.
    package static func grid(
        layers: [String], units: [Int], batches: [Int], steps: Int
    ) -> [BenchmarkCase] {
        layers.flatMap { layer in
            units.flatMap { units in
                batches.map { BenchmarkCase(layer, units: units, batch: $0, steps: steps) }
            }
        }
    }

    /// The LSTM sizes of DeepBench, for training and, with batches up to 4, for inference.
    package static let deepBench: [BenchmarkCase] = [
        (units: [512, 1024, 2048], batches: [1, 2, 4, 16, 32, 64, 128], steps: 25),
        (units: [4096], batches: [16, 32, 64, 128], steps: 25),
        (units: [1536], batches: [1, 2, 4, 8, 16, 32], steps: 50),
        (units: [256], batches: [1, 2, 4, 16, 32, 64], steps: 150),
    ].flatMap { grid(layers: ["lstm"], units: $0.units, batches: $0.batches, steps: $0.steps) }
}
