package import StrataKernels

/// One member of the team that executes a plan: its number and its part of the work.
public struct Worker: Sendable {
    package let index: Int
    package let count: Int
    private let meeting: Barrier?
    /// Where this worker notes what it does and when; nil: nowhere.
    package let timeline: Timeline?
    /// What times this worker's work without its waiting; nil: nothing does.
    private let clock: WorkClock?
    /// This worker's part of all work; nil: as much as any other's.
    private let cut: WorkCut?
    /// Where this worker's products pack what they multiply.
    package let scratch: ProductScratch

    package init(
        index: Int, count: Int, barrier: Barrier, scratch: ProductScratch,
        timeline: Timeline? = nil, clock: WorkClock? = nil, cut: WorkCut? = nil
    ) {
        self.index = index
        self.count = count
        meeting = barrier
        self.scratch = scratch
        self.timeline = timeline
        self.clock = clock
        self.cut = cut
    }

    /// A worker of a team that is only imagined: it does its share, notes that there are barriers,
    /// and waits for nobody.
    package init(rehearsing index: Int, of count: Int, timeline: Timeline) {
        self.index = index
        self.count = count
        meeting = nil
        scratch = ProductScratch()
        self.timeline = timeline
        clock = nil
        cut = nil
    }

    /// Waits until all workers are here.
    package func barrier() {
        guard count > 1 else { return }
        guard let timeline else { return wait() }
        let start = Timeline.now()
        wait()
        timeline.record(.barrier, from: start)
    }

    private func wait() {
        if let clock { clock.wait(at: meeting) } else { meeting?.wait() }
    }

    /// Notes that a part of a command begins; it lasts until the next part or the command's end.
    package func phase(_ phase: Timeline.Phase) { timeline?.begin(phase) }

    /// Does work outside of the plan and notes its time.
    package func span(_ name: StaticString, _ body: () -> Void) {
        guard let timeline else { return body() }
        let start = Timeline.now()
        body()
        timeline.record(.span(name), from: start)
    }

    /// This worker's contiguous part of `0..<n`.
    ///
    /// - Parameter isMinor: whether it is next to nothing beside what else is done until the workers meet, so that
    ///   the time says nothing of it.
    package func share(of n: Int, isMinor: Bool = false) -> Range<Int> {
        let share = followsCut(n)?.part(of: n) ?? Self.part(index, of: count, n)
        if let clock, !isMinor {
            clock.take(isComplete(n, parts: count) ? Double(share.count) / Double(n) : nil)
        }
        return share
    }

    /// Whether every worker has some of `n` things that are cut into some parts: a small part of few is none.
    private func isComplete(_ n: Int, parts: Int) -> Bool {
        n >= (parts == count && followsCut(n) != nil ? 6 * count : parts)
    }

    /// This worker's tile of a grid of rows and panels.
    ///
    /// The grid is cut so that the largest tile is smallest; among equals, panels are cut first,
    /// since a worker then keeps reading the same weights. The last worker has a largest tile. Every
    /// cell's value is independent of the cut, so results do not depend on the number of workers.
    /// Where workers have unequal parts, a grid that is cut along rows or panels alone follows them, if it has
    /// enough; the last tile may then be smaller.
    ///
    /// - Parameter vectors: those of all panels together: four in each but the last, which may have
    ///   fewer; nil: four in that, too.
    package func tile(rows: Int, panels: Int, vectors: Int? = nil) -> Tile {
        let vectors = vectors ?? 4 * panels
        let parts = Self.bestParts(of: count, rows: rows, panels: panels, vectors: vectors)
        let tile = tile(of: parts, rows: rows, panels: panels)
        if let clock {
            let isComplete =
                isComplete(panels, parts: parts.panels)
                && isComplete(rows, parts: count / parts.panels)
            let width = Self.vectors(of: tile.panels, of: vectors)
            let part = Double(width * tile.rows.count) / Double(max(1, vectors * rows))
            clock.take(isComplete ? part : nil)
        }
        return tile
    }

    /// A part of a grid.
    package typealias Tile = (rows: Range<Int>, panels: Range<Int>)

    /// Into how many parts panels are cut, and which of them is the widest.
    private typealias PanelParts = (panels: Int, widest: Int)

    private static func bestParts(of count: Int, rows: Int, panels: Int, vectors: Int) -> PanelParts
    {
        var best = (cost: Int.max, parts: PanelParts(1, 0))
        for panelParts in stride(from: count, through: 1, by: -1)
        where count % panelParts == 0 {
            let rowParts = count / panelParts
            let widest = widestPart(of: panelParts, panels: panels, vectors: vectors)
            let cost = widest.vectors * ((rows + rowParts - 1) / rowParts)
            if cost < best.cost { best = (cost, (panelParts, widest.index)) }
        }
        return best.parts
    }

    private func tile(of parts: PanelParts, rows: Int, panels: Int) -> Tile {
        if parts.panels == count, let cut = followsCut(panels) {
            return (0..<rows, cut.part(of: panels))
        }
        if parts.panels == 1, let cut = followsCut(rows) {
            return (cut.part(of: rows), 0..<panels)
        }
        // The widest part and the last one change places.
        var panelPart = index % parts.panels
        if panelPart == parts.panels - 1 {
            panelPart = parts.widest
        } else if panelPart == parts.widest {
            panelPart = parts.panels - 1
        }
        return (
            Self.part(index / parts.panels, of: count / parts.panels, rows),
            Self.part(panelPart, of: parts.panels, panels)
        )
    }

    /// The last of the widest parts of some panels.
    private static func widestPart(
        of parts: Int, panels: Int, vectors: Int
    ) -> (index: Int, vectors: Int) {
        var widest = (index: 0, vectors: 0)
        for index in 0..<parts {
            let range = part(index, of: parts, panels)
            let width = Self.vectors(of: range, of: vectors)
            if width >= widest.vectors { widest = (index, width) }
        }
        return widest
    }

    /// The vectors of some panels, of all of a grid.
    private static func vectors(of panels: Range<Int>, of all: Int) -> Int {
        min(all, 4 * panels.upperBound) - min(all, 4 * panels.lowerBound)
    }

    /// The cut where `n` things suffice to follow it: of fewer, one more or less is too much.
    private func followsCut(_ n: Int) -> WorkCut? { n >= 4 * count ? cut : nil }

    private static func part(_ index: Int, of parts: Int, _ n: Int) -> Range<Int> {
        (n * index / parts)..<(n * (index + 1) / parts)
    }
}
