import Foundation
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataSchema
import StrataTraining

/// A small text to learn, small networks to learn it, and short ways to run them.
enum Tiny {
    static func vocabulary() throws -> Vocabulary {
        try Vocabulary(kind: .characters, tokens: ["\n", "a", "b", "c", "d", "e"])
    }

    /// Words of a made-up language, always the same ones: predictable, but not wholly.
    static func tokens(_ count: Int, seed: UInt64 = 1) -> [Int32] {
        let words: [[Int32]] = [[1, 2, 3, 0], [4, 5, 0], [2, 2, 4, 1, 0], [3, 5, 1, 0]]
        var random = CounterRandom(key: seed)
        var tokens: [Int32] = []
        while tokens.count < count {
            tokens += words[Int(random.uniform() * 4) % 4]
        }
        return Array(tokens.prefix(count))
    }

    static func data(
        train: Int = 400, validation: Int = 60, batch: Int = 3, steps: Int = 8, seed: UInt64 = 1
    ) throws -> TokenDataset {
        try TokenDataset(
            vocabulary: vocabulary(), train: tokens(train, seed: seed),
            validation: tokens(validation, seed: seed + 1), test: tokens(40, seed: seed + 2),
            batchSize: batch, sequenceLength: steps)
    }

    /// All that has a state or draws random numbers in one network.
    static let layers = [
        LayerSpec("embed", Embedding(units: 5)),
        LayerSpec("lstm", LSTM(units: 8)),
        LayerSpec("drop", Dropout(rate: 0.25)),
        LayerSpec("graves", GravesLSTM(units: 7)),
        LayerSpec("next", Output()),
    ]

    /// A spec of few steps; no samples are generated unless asked for.
    static func spec(
        _ layers: [LayerSpec] = layers, edit: (inout TrainingSpec) -> Void = { _ in }
    ) -> ModelSpec {
        var training = TrainingSpec()
        training.epochs = 3
        training.truncateBPTT = 4
        training.optimizer = OptimizerSpec(Adam(learningRate: 0.01))
        training.logEvery = 1
        edit(&training)
        var generate = GenerateSpec()
        generate.length = 0
        return ModelSpec(
            name: "tiny", seed: 5, network: NetworkSpec(layers: layers), training: training,
            generate: generate)
    }

    static func run(
        _ spec: ModelSpec, in folder: String, data: TokenDataset? = nil, threads: Int = 1,
        isFresh: Bool = false, layer: any FileLayer = SystemFileLayer(),
        edit: (inout TrainingRun.Options) -> Void = { _ in }
    ) throws -> TrainingRun {
        var options = TrainingRun.Options()
        options.threads = threads
        options.isFresh = isFresh
        edit(&options)
        return try TrainingRun(
            spec: spec, data: data ?? self.data(),
            folder: RunFolder(name: "run", in: folder, layer: layer),
            render: { $0.config.json() }, options: options)
    }

    /// Runs to the end without being watched.
    @discardableResult
    static func finish(
        _ spec: ModelSpec, in folder: String, data: TokenDataset? = nil, threads: Int = 1
    ) throws -> RunResult {
        try run(spec, in: folder, data: data, threads: threads)
            .run(shouldStop: { false }, observe: { _ in })
    }

    static func snapshot(_ path: String) throws -> Snapshot {
        try Snapshot(Safetensors(reading: path), path: path)
    }
}

/// Runs a test in a folder of its own, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/strata-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// A checkpoint's bytes as another program would write them: the same, without the checksum.
func withoutSeal(_ bytes: [UInt8]) throws -> [UInt8] {
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONReader.read(bytes[8..<8 + length])
    let open = (header.pairs ?? []).map { pair -> ConfigValue.Pair in
        guard pair.key == "__metadata__", let texts = pair.value.pairs else { return pair }
        return .init(
            pair.key,
            .map(texts.filter { !["strata.checksum", "strata.format"].contains($0.key) }))
    }
    let json = Array(ConfigValue.map(open).json().utf8)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> ($0 * 8)) }
    return prefix + json + bytes[(8 + length)...]
}

func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func bytes(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The error of training that a call throws, or nil.
func trainingError(_ body: () throws -> Void) -> TrainingError? {
    do { try body() } catch { return error as? TrainingError }
    return nil
}
