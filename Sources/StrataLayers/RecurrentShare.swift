import StrataGraph
import StrataKernels

/// A worker's part of every step of a recurrent layer.
///
/// With many sequences and few units a worker takes some of the sequences through all steps: nothing
/// that it computes is needed by others, so nobody waits, and no state travels from core to core.
/// Otherwise the units are shared as well, so that each worker reads a part of the recurrent weights
/// only, and all meet after every step.
struct RecurrentShare {
    /// From this many sequences for each worker on, only sequences are shared: a panel of weights is
    /// then used often enough to pay for loading it.
    static let fewestRows = 16
    /// Up to this many recurrent weights, which every worker then reads at every step.
    ///
    /// They take 256 KiB, half of a usual second-level cache; more come from slower ones.
    static let mostWeights = 1 << 16

    /// The part of a step's cells.
    let gates: Worker.Tile
    /// The part of a product with as many columns as there are units.
    let hidden: Worker.Tile
    /// Rows of [B, H] that this worker clears before the first step.
    let cleared: Range<Int>
    private let meets: Bool
    /// Whether the columns that every worker computes of that product are those of its own cells.
    private let ownsHidden: Bool

    /// - Parameter usesHidden: whether there is such a product, as there is backward; without it, panels of
    ///   gates follow workers' speeds by themselves, in finer steps.
    init(_ worker: Worker, kernels: Kernels, units: Int, batch: Int, usesHidden: Bool) {
        let (gatePanels, plainPanels) = (kernels.gatePanels(units), kernels.plainPanels(units))
        meets =
            batch < worker.count * Self.fewestRows || 4 * units * units > Self.mostWeights
        cleared = worker.share(of: batch, isMinor: meets)
        // Four panels of gates have the columns of a plain one. Where they divide evenly, both are cut at
        // the same units.
        ownsHidden = !meets || gatePanels % (4 * worker.count) == 0
        if meets, usesHidden {
            hidden = worker.tile(rows: batch, columns: units, kernels)
            let owned = 4 * hidden.panels.lowerBound..<4 * hidden.panels.upperBound
            gates =
                ownsHidden ? (hidden.rows, owned) : worker.tile(rows: batch, panels: gatePanels)
        } else if meets {
            hidden = (0..<0, 0..<0)
            gates = worker.tile(rows: batch, panels: gatePanels)
        } else {
            gates = (cleared, 0..<gatePanels)
            hidden = (cleared, 0..<plainPanels)
        }
    }

    /// Waits for the workers whose cells the product of a step needs, where there are any.
    func meet(_ worker: Worker) {
        if meets { worker.barrier() }
    }

    /// Waits for the workers whose part of the product the cells of the step before need.
    func meetBeforeCells(_ worker: Worker) {
        if !ownsHidden { worker.barrier() }
    }
}
