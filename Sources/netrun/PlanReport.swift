import Foundation
import StrataGraph
import StrataRuntime
import StrataSchema
import StrataTraining

/// `netrun plan`: what a training step is predicted to take, by number of workers.
struct PlanReport {
    private let plan: ExecutionPlan
    private let rates: MachineRates
    private let predictions: [CostModel.Prediction]
    private let limit: Int

    /// Measures this machine and predicts for numbers of workers up to a limit.
    init(_ inspection: Inspection, spec: ModelSpec, limit: Int) throws(ConfigurationError) {
        plan = inspection.plan
        self.limit = limit
        let cost = try TrainingCost(plan: plan, optimizer: spec.training.optimizer.optimizer)
        rates = cost.rates
        predictions = cost.predictions(upTo: limit)
    }

    /// The predictions, the choice, and the chosen one in detail.
    var text: String {
        guard let alone = predictions.first, let chosen else { return "" }
        var text = "predicted training step, without preparing its data ("
        text += rates.points.map { point in
            String(
                format: point.workers == 1
                    ? "%.1f GFLOP/s in float32 at best" : ", %.1f each for %d",
                point.peak / 1e9, point.workers)
        }.joined()
        text += ")\n"
        text += "workers        ms     rows/s  GFLOP/s  speed-up  at barriers\n"
        for prediction in predictions {
            let rows = Double(plan.steps * plan.batch) / prediction.seconds
            text += String(
                format: "%7d%10.3f %10.0f %8.1f %9.2f %10.1f %%\n", prediction.workers,
                1e3 * prediction.seconds, rows, Double(plan.flops) / prediction.seconds / 1e9,
                alone.seconds / prediction.seconds,
                100 * prediction.barrierSeconds / prediction.seconds)
        }
        text += "chosen: \(chosen.workers) of at most \(limit)"
        let isCapped = limit > rates.cores && chosen.workers == rates.cores
        text += isCapped ? "; a run has no more workers than there are cores\n" : "\n"
        return text + details(of: chosen)
    }

    /// The plan and the predictions as `--json` tells them.
    var record: ConfigValue {
        let predictions = predictions.map { prediction -> ConfigValue in
            [
                "threads": .int(prediction.workers), "seconds": .double(prediction.seconds),
                "barrier_seconds": .double(prediction.barrierSeconds),
            ]
        }
        return plan.record(with: [
            .init("chosen_threads", .int(chosen?.workers ?? 1)),
            .init("predictions", .list(predictions)),
        ])
    }

    /// The prediction of the team that a run would have, of no more workers than this machine has cores.
    private var chosen: CostModel.Prediction? {
        CostModel.choice(among: predictions.filter { $0.workers <= rates.cores })
    }

    private func details(of chosen: CostModel.Prediction) -> String {
        let width = ProfileReport.columnWidth(ofLayers: chosen.pieces.map(\.layer))
        var text = "layer".padding(to: width)
        text += "work                      ms  of step  GFLOP/s  barriers\n"
        for piece in chosen.pieces {
            text += piece.layer.padding(to: width) + piece.work.padding(to: 18)
            text += String(
                format: "%10.3f %6.1f %%", 1e3 * piece.seconds,
                100 * piece.seconds / chosen.seconds)
            text +=
                piece.flops > 0
                ? String(format: "%9.1f", Double(piece.flops) / piece.seconds / 1e9)
                : "         "
            text += String(format: "%10.0f\n", piece.barriers)
        }
        return text
    }
}
