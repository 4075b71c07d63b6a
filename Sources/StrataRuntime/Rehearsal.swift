package import StrataGraph
package import StrataKernels

/// Does training steps to learn how long they take: one worker's share alone, or all of it by a team.
///
/// The single worker belongs to a team that is only imagined, of any size; barriers are counted and
/// not waited at, so the results are worth nothing. What runs are the real kernels on the real sizes.
package final class Rehearsal {
    /// A command, or work outside of the plan, and the barriers in it and behind it.
    package struct Piece: Sendable {
        package var kind: Timeline.Event.Kind
        package var seconds: Double
        package var barriersWithin = 0
        package var barriersBehind = 0
    }

    /// What is rehearsed.
    package var plan: ExecutionPlan { executor.plan }
    private let executor: Executor
    private let step: (Worker) -> Void

    /// Binds a rehearsal to memory of its own, which it may spoil.
    ///
    /// - Parameter step: a whole step as one worker.
    package init(_ executor: Executor, step: @escaping (Worker) -> Void) {
        self.executor = executor
        self.step = step
        let values = executor.parameters.values
        for index in 0..<values.count { values.base[index] = Float(index % 17 - 8) / 128 }
        fillTargets()
    }

    /// The share of the worker that has most to do, in a team of `workers`.
    ///
    /// The shortest of several times, since other work of the machine can only lengthen them.
    package func pieces(workers: Int, budget: Double, timeline: Timeline) -> [Piece] {
        // Shares and tiles are cut so that none is larger than the last one's.
        let worker = Worker(rehearsing: workers - 1, of: workers, timeline: timeline)
        var best: [Piece] = []
        let start = Timeline.now()
        var runs = 0
        while runs < 3 || (runs < 30 && Double(Timeline.now() - start) < budget * 1e9) {
            begin()
            timeline.clear()
            // What other workers would have written is left from other work, and may be anything.
            Kernels.flushingDenormals { step(worker) }
            let pieces = Self.pieces(timeline.events)
            best = best.isEmpty ? pieces : Self.shortest(best, pieces)
            runs += 1
        }
        return best
    }

    /// The seconds of a step that a real team does together: the shortest of several times.
    package func seconds(of team: WorkerTeam, budget: Double) -> Double {
        var best = UInt64.max
        let start = Timeline.now()
        var runs = 0
        while runs < 3 || (runs < 30 && Double(Timeline.now() - start) < budget * 1e9) {
            begin()
            let start = Timeline.now()
            team.run(kept: step)
            best = min(best, Timeline.now() - start)
            runs += 1
        }
        return Double(best) / 1e9
    }

    private func begin() {
        executor.parameters.markChanged()
        executor.resetStates()
        fillInputs()
        executor.begin(.training)
    }

    private static func shortest(_ a: [Piece], _ b: [Piece]) -> [Piece] {
        zip(a, b).map { a, b in a.seconds < b.seconds ? a : b }
    }

    private static func pieces(_ events: [Timeline.Event]) -> [Piece] {
        var pieces: [Piece] = []
        var barriers: [UInt64] = []
        for event in events {
            switch event.kind {
            case .barrier: barriers.append(event.start)
            case .phase: break
            case .command, .span:
                let within = barriers.reduce(0) { $0 + ($1 >= event.start ? 1 : 0) }
                if let last = pieces.indices.last {
                    pieces[last].barriersBehind += barriers.count - within
                }
                pieces.append(
                    Piece(
                        kind: event.kind, seconds: Double(event.end - event.start) / 1e9,
                        barriersWithin: within))
                barriers.removeAll(keepingCapacity: true)
            }
        }
        return pieces
    }

    /// Inputs share memory with other buffers, so they are written before every run.
    private func fillInputs() {
        for (index, input) in executor.plan.graph.inputs.enumerated() {
            if let tokens = executor.tokens(ofInput: index) {
                for row in tokens.indices {
                    tokens[row] = Int32(row * 7919 % max(1, input.spec.features))
                }
            } else if let view = executor.values(ofInput: index) {
                for place in 0..<view.count { view.base[place] = Float(place % 13 - 6) / 8 }
            }
        }
    }

    private func fillTargets() {
        for (index, loss) in executor.losses {
            let node = executor.plan.graph.nodes[index]
            guard case .classes(let count) = node.lossLayer?.target(output: node.plan.output) else {
                loss.usesValues = true
                continue
            }
            for row in loss.classes.indices { loss.classes[row] = Int32(row % max(1, count)) }
        }
    }
}
