/// Where a worker's part of any work begins and ends, where the workers of a team are not equally fast.
///
/// Places are counted in parts of ``whole``; each worker's part begins where that of the one before ends.
package struct WorkCut: Sendable, Equatable {
    /// The end of the last part.
    package static let whole = 1 << 16

    package let begin: Int
    package let end: Int

    package init(begin: Int, end: Int) {
        self.begin = begin
        self.end = end
    }

    /// The worker's part of `0..<n`; places between two numbers are rounded.
    func part(of n: Int) -> Range<Int> { Self.number(begin, of: n)..<Self.number(end, of: n) }

    private static func number(_ place: Int, of n: Int) -> Int { (n * place + whole / 2) / whole }
}
