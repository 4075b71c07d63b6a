import ArgumentParser
import Foundation
import StrataGraph
import StrataKernels
import StrataLayers
import StrataSchema
import StrataTraining

extension Precision {
    /// Reads the value of an option.
    init(argument: String) throws {
        guard let precision = Self(rawValue: argument) else {
            throw ValidationError(
                "products multiply " + Self.allCases.map(\.rawValue).joined(separator: " or "))
        }
        self = precision
    }
}

/// `netrun bench`: layers and networks against the machine's own peak.
struct BenchVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure layers against this machine's own peak.",
        discussion: """
            netrun bench                              a few sizes, under a minute
            netrun bench --units 128 512 --batch 32 --threads 1 2
            netrun bench --only deepbench --units 512 1024

            Layers: forward and training (forward and backward), of the peak of multiply-adds,
            which is measured again beside each repetition.
            One step: a step of one sequence, as when a text is generated, by how weights are read;
            with --precision float32 or without.
            Networks: tokens a second of whole training steps of two lstm layers and an output.
            All times are medians.
            """)

    /// The sizes that are measured unless others are asked for.
    enum Selection: String, ExpressibleByArgument, CaseIterable { case quick, all, deepbench }

    @Option(help: "The sizes: quick; all: up to 2048 units and 256 sequences; deepbench's.")
    var only = Selection.quick
    @Option(parsing: .upToNextOption, help: "Layers by type. Default: lstm graves_lstm.")
    var layers: [String] = []
    @Option(parsing: .upToNextOption, help: "Units of the layers.")
    var units: [Int] = []
    @Option(parsing: .upToNextOption, help: "Batch sizes.")
    var batch: [Int] = []
    @Option(help: "Time steps. Default: 50; with --only deepbench: all of its own.")
    var steps: Int?
    @Option(parsing: .upToNextOption, help: "Numbers of worker threads. Default: all cores.")
    var threads: [Int] = []
    @Option(
        parsing: .upToNextOption,
        help: "What products multiply: float32, bfloat16. Default: what the processor is fast at.",
        transform: Precision.init(argument:))
    var precision: [Precision] = []
    @Option(help: "Repetitions; long ones are repeated less often.")
    var repetitions = 10
    @Option(help: "The kernels: amx, avx512, avx2, neon or portable. Default: the best.")
    var kernels: String?
    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        try Self.check(units, "--units", upTo: 16_384)
        try Self.check(batch, "--batch", upTo: 65_536)
        try Self.check(steps.map { [$0] } ?? [], "--steps", upTo: 100_000)
        try Self.check([repetitions], "--repetitions", upTo: 10_000)
        try threads.forEach(ThreadOptions.check)
        for layer in layers {
            let kind = LayerCatalog.standard.kind(named: layer)
            if kind == nil || kind?.fields.contains(where: { $0.key == "units" }) == false
                || kind?.defaults is any LossLayer || !Self.readsNumbers(kind?.defaults)
            {
                throw ValidationError(
                    "there is no layer '\(layer)' with units, over numbers, to measure")
            }
        }
        if let kernels { _ = try KernelOptions.table(named: kernels) }
        if cases.isEmpty {
            let all = BenchmarkCase.deepBench
            throw ValidationError(
                "DeepBench measures no such size: layers \(all.map(\.layer).listed), units "
                    + "\(all.map(\.units).listed), steps \(all.map(\.steps).listed), and batches of "
                    + "\(all.map(\.batch).listed), not all with all")
        }
    }

    private static func check(_ values: [Int], _ option: String, upTo limit: Int) throws {
        guard let wrong = values.first(where: { !(1...limit).contains($0) }) else { return }
        throw ValidationError("\(option) must be from 1 to \(limit), not \(wrong)")
    }

    func run() throws {
        let table = kernels.flatMap { Kernels.named($0) } ?? Kernels.best
        let cores = min(ProcessInfo.processInfo.activeProcessorCount, 1024)
        for count in threads.isEmpty ? [cores] : threads {
            let benchmark = LayerBenchmark(
                threads: count, kernels: table, repetitions: repetitions)
            for precision in precisions(table) {
                let report = BenchReport(
                    json: json, kernels: table.instructionSet(in: precision.code), asked: kernels,
                    threads: count, precision: precision, peak: benchmark.peak(precision))
                try reportingFailures { try measure(benchmark, report) }
            }
        }
    }

    private func measure(_ benchmark: LayerBenchmark, _ report: BenchReport) throws {
        do {
            try measureAll(benchmark, report)
        } catch var error as ConfigurationError {
            // There is no file here whose settings could be lowered.
            for index in error.diagnostics.indices where error.diagnostics[index].code == .limit {
                error.diagnostics[index].hint = "lower --units, --batch or --steps"
            }
            throw error
        }
    }

    private func measureAll(_ benchmark: LayerBenchmark, _ report: BenchReport) throws {
        report.begin(.layer)
        for size in cases { report.print(try benchmark.measure(size.with(report.precision))) }
        guard only != .deepbench else { return }
        // Single steps read their weights in all ways in a float32 plan.
        if report.precision == .float32 { try measureSteps(benchmark, report) }
        report.begin(.network)
        for units in grid.units {
            for batch in grid.batch {
                report.print(
                    try benchmark.measureNetwork(
                        units: units, batch: batch, steps: grid.steps, precision: report.precision))
            }
        }
    }

    private func measureSteps(_ benchmark: LayerBenchmark, _ report: BenchReport) throws {
        report.begin(.step)
        for layer in chosenLayers {
            for units in grid.units {
                let steps = try WeightPrecision.allCases.map {
                    ($0, try benchmark.measureStep(layer: layer, units: units, weights: $0))
                }
                report.print(layer: layer, units: units, steps: steps)
            }
        }
    }

    // MARK: What is measured

    /// Whether a layer has rows of numbers as its input, which an embedding has not.
    private static func readsNumbers(_ layer: (any Layer)?) -> Bool {
        (try? layer?.plan(inputs: [TensorSpec(features: 1)])) != nil
    }

    private func precisions(_ kernels: Kernels) -> [Precision] {
        precision.isEmpty
            ? Precision.allCases.filter { $0.used(by: kernels) == $0 } : precision
    }

    private var chosenLayers: [String] {
        layers.isEmpty ? ["lstm", "graves_lstm"] : layers
    }

    private var grid: (units: [Int], batch: [Int], steps: Int) {
        let isQuick = only == .quick
        return (
            !units.isEmpty ? units : isQuick ? [128, 256, 512] : [64, 128, 256, 512, 1024, 2048],
            !batch.isEmpty ? batch : isQuick ? [1, 32, 64] : [1, 2, 4, 8, 16, 32, 64, 128, 256],
            steps ?? 50
        )
    }

    private var cases: [BenchmarkCase] {
        guard only == .deepbench else {
            return BenchmarkCase.grid(
                layers: chosenLayers, units: grid.units, batches: grid.batch, steps: grid.steps)
        }
        return BenchmarkCase.deepBench.filter { size in
            (layers.isEmpty || layers.contains(size.layer))
                && (units.isEmpty || units.contains(size.units))
                && (batch.isEmpty || batch.contains(size.batch))
                && (steps == nil || steps == size.steps)
        }
    }
}

extension Sequence where Element: Hashable & Comparable {
    /// The different elements in order, for a message.
    fileprivate var listed: String {
        Set(self).sorted().map { "\($0)" }.joined(separator: ", ")
    }
}
