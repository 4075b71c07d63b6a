import Foundation
import StrataGraph
import StrataSchema
import StrataTraining

/// Prints what `netrun bench` measures, as tables or as one JSON object a line.
struct BenchReport {
    /// The tables.
    enum Table: String {
        case layer, step, network

        var title: String {
            switch self {
            case .layer: "layer           H     B    T   forward  of peak   training  of peak\n"
            case .step:
                "one step        H"
                    + WeightPrecision.allCases.map { "\($0) us".padding(before: 14) }.joined()
                    + "\n"
            case .network:
                "network         H     B    T      tokens/s         ms  predicted ms\n"
            }
        }
    }

    let json: Bool
    let kernels: String
    /// The kernels that were asked for by name.
    let asked: String?
    let threads: Int
    let precision: Precision
    /// Floating-point operations per second.
    let peak: Double

    /// Prints the head of a table.
    func begin(_ table: Table) {
        if json { return }
        if table == .layer {
            Console.product(
                KernelOptions.words(kernels, askedFor: asked, precision: precision)
                    + " kernels, \(precision), \(threads.counted("thread")): peak of multiply-adds "
                    + String(format: "%.1f GFLOP/s\n", peak / 1e9))
        }
        Console.product(table.title)
    }

    /// Prints a layer, in 10^9 operations per second.
    func print(_ row: LayerBenchmark.LayerRow) {
        let (forward, training) = (row.forward, row.training)
        if json {
            write(
                .layer,
                [
                    .init("layer", .string(row.size.layer)), .init("units", .int(row.size.units)),
                    .init("batch", .int(row.size.batch)), .init("steps", .int(row.size.steps)),
                    .init("forward_seconds", .double(forward.seconds)),
                    .init("training_seconds", .double(training.seconds)),
                    .init("forward_gflops", .double(forward.rate / 1e9)),
                    .init("training_gflops", .double(training.rate / 1e9)),
                    .init("forward_of_peak", .double(forward.share)),
                    .init("training_of_peak", .double(training.share)),
                ])
            return
        }
        Console.product(
            row.size.layer.padding(to: 12)
                + String(
                    format: "%5d %5d %4d  %8.1f    %4.0f %%   %8.1f    %4.0f %%\n", row.size.units,
                    row.size.batch, row.size.steps, forward.rate / 1e9, 100 * forward.share,
                    training.rate / 1e9, 100 * training.share))
    }

    /// Prints one step of one sequence: the seconds by how weights are read.
    func print(layer: String, units: Int, steps: [(WeightPrecision, seconds: Double)]) {
        if json {
            for (weights, seconds) in steps {
                write(
                    .step,
                    [
                        .init("layer", .string(layer)), .init("units", .int(units)),
                        .init("weights", .string("\(weights)")),
                        .init("microseconds", .double(1e6 * seconds)),
                    ])
            }
            return
        }
        let times = steps.map { String(format: "%14.2f", 1e6 * $0.seconds) }.joined()
        Console.product(layer.padding(to: 12) + String(format: "%5d", units) + times + "\n")
    }

    /// Prints a whole training step.
    func print(_ row: LayerBenchmark.NetworkRow) {
        if json {
            write(
                .network,
                [
                    .init("units", .int(row.units)), .init("batch", .int(row.batch)),
                    .init("steps", .int(row.steps)), .init("seconds", .double(row.seconds)),
                    .init("tokens_per_second", .double(row.tokensPerSecond)),
                    .init("predicted_seconds", .double(row.predicted)),
                ])
            return
        }
        Console.product(
            "2 x lstm".padding(to: 12)
                + String(
                    format: "%5d %5d %4d  %12.0f %10.3f    %10.3f\n", row.units, row.batch,
                    row.steps, row.tokensPerSecond, 1e3 * row.seconds, 1e3 * row.predicted))
    }

    private func write(_ table: Table, _ pairs: [ConfigValue.Pair]) {
        let facts: [ConfigValue.Pair] = [
            .init("kind", .string(table.rawValue)), .init("kernels", .string(kernels)),
            .init("precision", .string(precision.rawValue)), .init("threads", .int(threads)),
            .init("peak_gflops", .double(peak / 1e9)),
        ]
        Console.product(ConfigValue.map(facts + pairs).json() + "\n")
    }
}
