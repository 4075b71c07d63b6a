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
            case .step: "one step        H          us\n"
            case .network:
                "network         H     B    T      tokens/s         ms  predicted ms\n"
            }
        }
    }

    let json: Bool
    let kernels: String
    let threads: Int
    /// Floating-point operations per second.
    let peak: Double

    /// Prints the head of a table.
    func begin(_ table: Table) {
        if json { return }
        if table == .layer {
            Console.product(
                String(
                    format: "%@ kernels, float32, %d threads: peak of multiply-adds %.1f GFLOP/s\n",
                    kernels, threads, peak / 1e9))
        }
        Console.product(table.title)
    }

    /// Prints a layer, in 10^9 operations per second.
    func print(_ row: LayerBenchmark.LayerRow) {
        let forward = row.forwardFlops / row.forward
        let training = row.trainingFlops / row.training
        if json {
            write(
                .layer,
                [
                    .init("layer", .string(row.size.layer)), .init("units", .int(row.size.units)),
                    .init("batch", .int(row.size.batch)), .init("steps", .int(row.size.steps)),
                    .init("forward_seconds", .double(row.forward)),
                    .init("training_seconds", .double(row.training)),
                    .init("forward_gflops", .double(forward / 1e9)),
                    .init("training_gflops", .double(training / 1e9)),
                ])
            return
        }
        Console.product(
            row.size.layer.padding(to: 12)
                + String(
                    format: "%5d %5d %4d  %8.1f    %4.0f %%   %8.1f    %4.0f %%\n", row.size.units,
                    row.size.batch, row.size.steps, forward / 1e9, 100 * forward / peak,
                    training / 1e9, 100 * training / peak))
    }

    /// Prints one step of one sequence.
    func print(layer: String, units: Int, step seconds: Double) {
        if json {
            write(
                .step,
                [
                    .init("layer", .string(layer)), .init("units", .int(units)),
                    .init("microseconds", .double(1e6 * seconds)),
                ])
            return
        }
        Console.product(
            layer.padding(to: 12) + String(format: "%5d  %10.2f\n", units, 1e6 * seconds))
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
            .init("precision", "float32"), .init("threads", .int(threads)),
            .init("peak_gflops", .double(peak / 1e9)),
        ]
        Console.product(ConfigValue.map(facts + pairs).json() + "\n")
    }
}
