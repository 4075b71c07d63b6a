/// Lays the buffers of a plan out in one arena, so that buffers that are never live together share.
struct PlanMemory {
    let graph: Graph
    let steps: Int
    let batch: Int
    let precision: Precision
    let commands: [Command]

    /// The regions and the arena's size: first fit, the largest buffers first.
    func layout() -> ([BufferID: ExecutionPlan.Region], Int) {
        let lives = self.lives()
        let order = lives.keys.map { (id: $0, count: count(of: $0)) }
            .sorted { a, b in
                a.count != b.count ? a.count > b.count : sortKey(a.id) < sortKey(b.id)
            }
        var placed: [ExecutionPlan.Region] = []
        for (id, count) in order {
            guard let live = lives[id] else { continue }
            var offset = 0
            // Regions are kept in order of their offsets, so one walk finds the first gap.
            for region in placed where region.live.overlaps(live) {
                if offset + count <= region.offset { break }
                offset = max(offset, region.offset + region.count)
            }
            let region = ExecutionPlan.Region(buffer: id, offset: offset, count: count, live: live)
            let place = placed.firstIndex { $0.offset > offset } ?? placed.count
            placed.insert(region, at: place)
        }
        let size = placed.map { $0.offset + $0.count }.max() ?? 0
        return (Dictionary(uniqueKeysWithValues: placed.map { ($0.buffer, $0) }), size)
    }

    /// The commands from the first write to the last read of every buffer.
    private func lives() -> [BufferID: ClosedRange<Int>] {
        var lives: [BufferID: ClosedRange<Int>] = [:]
        let whole = 0...max(0, commands.count - 1)
        for (index, command) in commands.enumerated() {
            for id in command.reads + command.writes {
                if isPersistent(id) {
                    lives[id] = whole
                } else if let live = lives[id] {
                    lives[id] = live.lowerBound...index
                } else {
                    lives[id] = index...index
                }
            }
        }
        for (index, input) in graph.inputs.indices.map({ ($0, BufferID.input($0)) }) {
            // Inputs are written before the first command; an input nobody reads has no region.
            if let live = lives[input] { lives[.input(index)] = 0...live.upperBound }
        }
        for output in graph.outputs {
            // Results are read after the last command.
            if let live = lives[.output(output)] {
                lives[.output(output)] = live.lowerBound...whole.upperBound
            }
        }
        return lives
    }

    private func isPersistent(_ id: BufferID) -> Bool {
        switch id {
        case .state: true
        case .buffer(let node, let index):
            graph.nodes[node].plan.buffers[index].lifetime.isPrepared
        default: false
        }
    }

    /// Floats of a buffer, rounded up to whole cache lines.
    private func count(of id: BufferID) -> Int {
        let floats: Int
        switch id {
        case .input(let index): floats = count(graph.inputs[index].spec)
        case .output(let node): floats = count(graph.nodes[node].plan.output)
        case .inputGradient(let node, let slot):
            floats = count(graph.spec(of: graph.nodes[node].inputs[slot]))
        case .buffer(let node, let index):
            let plan = graph.nodes[node].plan
            let rows = plan.output.rows(steps: steps, batch: batch)
            let blocks = RowBlocks(rows: rows, limit: plan.blockRows, precision: precision)
            floats = plan.buffers[index].count(
                rows: rows, blockRows: blocks.size, batch: batch, in: precision)
        case .state(let node, let index):
            let features = graph.nodes[node].plan.states[index].features
            floats = TensorSpec.rowStride(features) * batch
        }
        return (max(floats, 1) + 15) / 16 * 16
    }

    private func count(_ spec: TensorSpec) -> Int {
        spec.storedRows(steps: steps, batch: batch) * spec.rowStride
    }

    /// An order of buffers that does not depend on hashing.
    private func sortKey(_ id: BufferID) -> (Int, Int, Int) {
        switch id {
        case .input(let index): (0, index, 0)
        case .output(let node): (1, node, 0)
        case .inputGradient(let node, let slot): (2, node, slot)
        case .buffer(let node, let index): (3, node, index)
        case .state(let node, let index): (4, node, index)
        }
    }
}
