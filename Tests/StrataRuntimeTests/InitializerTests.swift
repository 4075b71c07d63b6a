import StrataGraph
import StrataLayers
import StrataRuntime
import Testing

struct InitializerTests {
    private func values(_ spec: ParameterSpec, key: UInt64 = 1) -> [Double] {
        var random = CounterRandom(key: key)
        return ParameterFiller(spec: spec).values(&random)
    }

    private func spec(_ initializer: Initializer, _ rows: Int, _ columns: Int, blocks: Int = 1)
        -> ParameterSpec
    {
        ParameterSpec(
            "W", shape: [rows, columns], blocks: blocks,
            fill: .initializer(initializer, fanIn: rows, fanOut: columns / blocks), decays: true)
    }

    @Test(arguments: [
        (Initializer.xavier, 2.0 / 500), (.he, 2.0 / 200), (.lecun, 1.0 / 200), (.normal, 1e-4),
    ])
    func normalKindsHaveTheirVariance(initializer: Initializer, variance: Double) {
        let values = values(spec(initializer, 200, 300))
        let mean = values.reduce(0, +) / Double(values.count)
        let measured = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        #expect(abs(mean) < 0.03 * variance.squareRoot())
        #expect(abs(measured / variance - 1) < 0.03)
        // A normal distribution has a fourth moment of three squared variances.
        let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(values.count)
        #expect(abs(fourth / (measured * measured) - 3) < 0.15)
    }

    @Test(arguments: [
        (Initializer.xavierUniform, (6.0 / 500).squareRoot()),
        (.uniform, (1.0 / 200).squareRoot()),
    ])
    func uniformKindsFillTheirBounds(initializer: Initializer, bound: Double) {
        let values = values(spec(initializer, 200, 300))
        #expect(values.allSatisfy { abs($0) <= bound })
        #expect((values.max() ?? 0) > 0.99 * bound && (values.min() ?? 0) < -0.99 * bound)
        let measured = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        #expect(abs(measured / (bound * bound / 3) - 1) < 0.03)
    }

    @Test(arguments: [(5, 5), (3, 7), (7, 3)])
    func orthogonalBlocksAreOrthonormal(rows: Int, width: Int) {
        let blocks = 4
        let values = values(spec(.orthogonal, rows, width * blocks, blocks: blocks))
        for block in 0..<blocks {
            func at(_ row: Int, _ column: Int) -> Double {
                values[row * width * blocks + block * width + column]
            }
            let (count, length) = (min(rows, width), max(rows, width))
            for a in 0..<count {
                for b in 0..<count {
                    let inner = (0..<length).reduce(0.0) { sum, i in
                        sum + (rows <= width ? at(a, i) * at(b, i) : at(i, a) * at(i, b))
                    }
                    #expect(abs(inner - (a == b ? 1 : 0)) < 1e-12)
                }
            }
        }
    }

    @Test func identityFillsEveryBlock() {
        let values = values(spec(.identity, 3, 6, blocks: 2))
        #expect(values == [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1])
    }

    @Test func zerosAreZero() {
        #expect(values(spec(.zeros, 3, 4)).allSatisfy { $0 == 0 })
    }

    @Test func constantsFillTheirBlocks() {
        let bias = ParameterSpec(
            "b", shape: [8], blocks: 4, fill: .constants([0, 1, 2, 3]), decays: false)
        #expect(values(bias) == [0, 0, 1, 1, 2, 2, 3, 3])
        let shared = ParameterSpec("p", shape: [3, 2], fill: .constants([5]), decays: false)
        #expect(values(shared) == [5, 5, 5, 5, 5, 5])
    }

    @Test func forgetGatesRememberAtFirst() throws {
        let plan = try LSTM(units: 2).plan(inputs: [TensorSpec(features: 3)])
        #expect(values(plan.parameters[2]) == [0, 0, 1, 1, 0, 0, 0, 0])
    }

    private func store(_ layers: [LayerSpec], seed: UInt64) throws -> ParameterStore {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: layers), inputs: [GraphInput("input", TensorSpec(features: 3))])
        let store = try ParameterStore(graph: graph)
        store.initialize(seed: seed)
        return store
    }

    @Test func sameSeedGivesSameValues() throws {
        let layers = [LayerSpec("a", LSTM(units: 4)), LayerSpec("b", Dense(units: 5))]
        let hash = try store(layers, seed: 7).hash
        #expect(try store(layers, seed: 7).hash == hash)
        #expect(try store(layers, seed: 8).hash != hash)
    }

    @Test func valuesDoNotDependOnOtherLayers() throws {
        let alone = try store([LayerSpec("a", Dense(units: 4))], seed: 7)
        let more = try store(
            [LayerSpec("x", Dense(units: 3)), LayerSpec("a", Dense(units: 4))], seed: 7)
        let entry = try #require(more.entries.first { $0.name == "a.W" })
        #expect(alone.read(alone.entries[0]) == more.read(entry))
    }
}
