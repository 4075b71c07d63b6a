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
        // What is fused: behind an embedding, behind and with a dense layer's own function, behind a
        // recurrent layer, and one function behind another.
        [
            LayerSpec("table", Embedding(units: 6)), LayerSpec("drop1", Dropout(rate: 0.2)),
            LayerSpec("dense", Dense(units: 7, activation: .relu)),
            LayerSpec("drop2", Dropout(rate: 0.2)), LayerSpec("lstm", LSTM(units: 5)),
            LayerSpec("gelu", ActivationLayer(.gelu)), LayerSpec("drop3", Dropout(rate: 0.2)),
            LayerSpec("softmax", ActivationLayer(.softmax)),
            LayerSpec("tanh", ActivationLayer(.tanh)), LayerSpec("drop4", Dropout(rate: 0.2)),
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

    @Test(arguments: networks.indices, [(1, .float32), (2, .float32), (2, Precision.bfloat16)])
    func stepsAfterTheFirstAllocateNothing(
        network: Int, _ run: (threads: Int, precision: Precision)
    ) throws {
        let team = WorkerTeam(count: run.threads)
        let trainer = try TrainerTests.trainer(
            Self.networks[network], team: team, precision: run.precision)
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
}
