import CAllocationCounter
import Foundation
import StrataData
import StrataGraph
import StrataLayers
import StrataRuntime
import StrataTraining
import Testing

/// After the first step nothing is allocated, by no worker; one test at a time, as they share a
/// counter.
@Suite(
    .serialized,
    .enabled(
        if: allocations_are_counted(),
        "allocations are counted only with glibc and without sanitizers"))
struct AllocationTests {
    /// Allocations of all workers of a team while `body` runs on the calling thread.
    private static func allocations(_ team: WorkerTeam, _ body: () throws -> Void) rethrows -> Int {
        let before = counted_allocations()
        team.run { _ in count_allocations(true) }
        defer { team.run { _ in count_allocations(false) } }
        try body()
        return counted_allocations() - before
    }

    private static let networks: [[LayerSpec]] = [
        Tiny.layers,
        [
            LayerSpec("a", LSTM(units: 9)),
            LayerSpec("b", GravesLSTM(units: 9), from: ["a"]),
            LayerSpec("c", Dense(units: 9, activation: .gelu), from: ["a"]),
            LayerSpec("d", ActivationLayer(.softmax), from: ["b", "c"]),
            LayerSpec("next", Output()),
        ],
    ]

    @Test func allocationsAreSeen() {
        let team = WorkerTeam(count: 2)
        let sizes = Self.allocations(team) {
            team.run { worker in
                let values = [Int](repeating: 1, count: 100 + worker.index)
                #expect(values.reduce(0, +) >= 100)
            }
        }
        #expect(sizes >= 2)
    }

    @Test(arguments: networks.indices, 1...2)
    func stepsAfterTheFirstAllocateNothing(network: Int, threads: Int) throws {
        let team = WorkerTeam(count: threads)
        let trainer = try TrainerTests.trainer(Self.networks[network], team: team)
        _ = try trainer.step()
        let count = try Self.allocations(team) {
            for _ in 0..<5 { _ = try trainer.step() }
        }
        #expect(count == 0)
    }

    /// A text's tokens are made from its bytes when they are needed: by 1024 in each stream.
    ///
    /// The bytes of a long text are read from its file then.
    @Test(arguments: TokenKind.allCases, [ReadLimits(), ReadLimits(bytesInMemory: 0)])
    func stepsOverATextAllocateNothing(kind: TokenKind, limits: ReadLimits) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/text.txt"
            let text = (0..<9_000).map { "a\($0 % 10) é" }.joined(separator: " ")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            var source = TextData(path: [path])
            (source.tokens, source.batchSize, source.sequenceLength) = (kind, 3, 4)
            let data = try source.load(relativeTo: folder, limits: limits)
            let team = WorkerTeam(count: 2)
            let trainer = try TrainerTests.trainer(Tiny.layers, team: team, data: data)
            _ = try trainer.step()
            // The tokens of four steps of a stream, four times over.
            let steps = 4 * 1024 / 4
            try #require(trainer.windowsPerEpoch > steps)
            let count = try Self.allocations(team) {
                for _ in 0..<steps { _ = try trainer.step() }
            }
            #expect(count == 0)
        }
    }

    @Test func stepsInBFloat16AllocateNothing() throws {
        let team = WorkerTeam(count: 2)
        let trainer = try TrainerTests.trainer(Tiny.layers, team: team, precision: .bfloat16)
        _ = try trainer.step()
        let count = try Self.allocations(team) {
            for _ in 0..<5 { _ = try trainer.step() }
        }
        #expect(count == 0)
    }
}
