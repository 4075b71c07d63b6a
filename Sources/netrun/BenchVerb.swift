import ArgumentParser
import Foundation
import StrataGraph
import StrataKernels
import StrataLayers
import StrataSchema
import StrataTraining

/// `netrun bench`: layers against the machine's own peak.
struct BenchVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure layers against this machine's own peak.",
        discussion: "netrun bench --units 128 512 --batch 32 --threads 1")

    @OptionGroup var threads: ThreadOptions
    @Option(parsing: .upToNextOption, help: "Units of the layers.")
    var units: [Int] = [128, 256, 512]
    @Option(parsing: .upToNextOption, help: "Batch sizes.")
    var batch: [Int] = [32, 64]
    @Option(help: "Time steps.")
    var steps = 50
    @Option(help: "Repetitions; the best counts.")
    var repetitions = 10
    @Option(help: "The kernels: avx512, avx2, neon or portable. Default: the best.")
    var kernels: String?
    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard units.allSatisfy({ (1...16_384).contains($0) }),
            batch.allSatisfy({ (1...65_536).contains($0) }), (1...100_000).contains(steps),
            (1...10_000).contains(repetitions)
        else { throw ValidationError("sizes and repetitions must be positive and sensible") }
        if let kernels, Kernels.named(kernels) == nil {
            let known = Kernels.all.map(\.name).joined(separator: ", ")
            throw ValidationError("this machine has no kernels '\(kernels)'; it has \(known)")
        }
    }

    func run() throws {
        let table = kernels.flatMap { Kernels.named($0) } ?? Kernels.best
        let benchmark = LayerBenchmark(
            threads: threads.count, kernels: table, repetitions: repetitions)
        let peak = benchmark.peak()
        if !json {
            Console.product(
                String(
                    format: "%@ kernels, %d threads: peak of multiply-adds %.1f GFLOP/s\n",
                    table.name, threads.count, peak))
            Console.product(
                "layer           H     B    T   forward  of peak   training  of peak\n")
        }
        try reportingFailures {
            for units in units {
                for batch in batch {
                    for layer in [LSTM(units: units), GravesLSTM(units: units)] as [any Layer] {
                        print(
                            try benchmark.measure(layer, units: units, batch: batch, steps: steps),
                            peak: peak)
                    }
                }
            }
        }
    }

    private func print(_ row: LayerBenchmark.Row, peak: Double) {
        if json {
            let record: ConfigValue = [
                "layer": .string(row.layer), "units": .int(row.units), "batch": .int(row.batch),
                "steps": .int(row.steps), "threads": .int(threads.count),
                "forward_gflops": .double(row.forward), "training_gflops": .double(row.training),
                "peak_gflops": .double(peak),
            ]
            Console.product(record.json() + "\n")
            return
        }
        let name = row.layer.padding(to: 12)
        Console.product(
            name
                + String(
                    format: "%5d %5d %4d  %8.1f    %4.0f %%   %8.1f    %4.0f %%\n", row.units,
                    row.batch, row.steps, row.forward, 100 * row.forward / peak, row.training,
                    100 * row.training / peak))
    }
}
