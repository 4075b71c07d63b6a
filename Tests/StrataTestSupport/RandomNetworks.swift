package import StrataGraph
import StrataLayers
import StrataSchema

/// Small random networks: several inputs, any wiring, several losses.
package enum RandomNetworks {
    /// A spec with the inputs it reads.
    package struct Network: Sendable {
        package var spec: NetworkSpec
        package var inputs: [GraphInput]

        package func compile(fuses: Bool = true) throws -> Graph {
            try GraphCompiler.compile(spec, inputs: inputs, fuses: fuses)
        }
    }

    /// The network of a seed.
    ///
    /// - Parameter units: the widths to choose from.
    package static func network(seed: UInt64, units: [Int] = [1, 3, 5, 8, 16, 17]) -> Network {
        var builder = Builder(random: CaseRandom(seed: seed), units: units)
        return builder.network()
    }
}

/// Grows one network layer by layer.
private struct Builder {
    var random: CaseRandom
    let units: [Int]
    private var layers: [LayerSpec] = []
    private var values: [(name: String, spec: TensorSpec)] = []
    private var unused: Set<String> = []

    init(random: CaseRandom, units: [Int]) {
        self.random = random
        self.units = units
    }

    mutating func network() -> RandomNetworks.Network {
        let inputs = chooseInputs()
        values = inputs.map { ($0.name, $0.spec) }
        for index in 0..<Int.random(in: 1...6, using: &random) { addLayer("layer\(index)") }
        addOutputs()
        // Every layer names what it reads, so the order of the file does not matter.
        if random.next() % 2 == 0 { layers.shuffle(using: &random) }
        return .init(spec: NetworkSpec(layers: layers), inputs: inputs)
    }

    private mutating func chooseInputs() -> [GraphInput] {
        let isSequence = random.next() % 4 > 0
        let tokens = TensorSpec(
            features: Int.random(in: 2...9, using: &random), isSequence: isSequence,
            values: .tokens)
        let real = TensorSpec(features: pick(units), isSequence: isSequence)
        switch random.next() % 3 {
        case 0: return [GraphInput("input", tokens)]
        case 1: return [GraphInput("input", real)]
        default: return [GraphInput("input", tokens), GraphInput("side", real)]
        }
    }

    private mutating func addLayer(_ name: String) {
        let source = pick(values)
        var from = [source]
        if source.spec.values == .real, random.next() % 3 == 0 {
            from += values.filter { $0.spec.values == .real }.shuffled(using: &random).prefix(2)
        }
        let layer = layer(reading: source.spec)
        add(name, layer, from: from)
    }

    private mutating func layer(reading spec: TensorSpec) -> any Layer {
        let units = pick(units)
        if spec.values == .tokens, !spec.isSequence || random.next() % 3 == 0 {
            return Embedding(units: units)
        }
        if spec.isSequence, spec.values == .tokens || random.next() % 2 == 0 {
            return random.next() % 2 == 0 ? LSTM(units: units) : GravesLSTM(units: units)
        }
        switch random.next() % 5 {
        case 0: return Dropout(rate: 0.3)
        case 1: return ActivationLayer(pick(Activation.allCases))
        case 2: return Concatenate()
        case 3: return Dense(units: units, activation: pick(Activation.allCases))
        default: return Dense(units: units, bias: random.next() % 2 == 0)
        }
    }

    private mutating func addOutputs() {
        let ends = layers.map(\.name).filter { unused.contains($0) }
        let losses: [(Activation, Loss)] = [
            (.softmax, .crossEntropy), (.sigmoid, .binaryCrossEntropy), (.tanh, .mse),
            (.identity, .mae), (.gelu, .mse),
        ]
        // One loss reads several ends together, or each end has a loss of its own.
        let joins = random.next() % 2 == 0
        for (index, group) in (joins ? [ends] : ends.map { [$0] }).enumerated() {
            let (activation, loss) = pick(losses)
            let output = Output(
                units: Int.random(in: 1...6, using: &random), activation: activation, loss: loss)
            layers.append(LayerSpec("output\(index)", output, from: group))
        }
    }

    private mutating func add(
        _ name: String, _ layer: any Layer, from: [(name: String, spec: TensorSpec)]
    ) {
        let width = from.reduce(0) { $0 + $1.spec.features }
        let joined = from.count > 1 ? from[0].spec.real(features: width) : from[0].spec
        guard let output = try? layer.plan(inputs: [joined]).output else { return }
        layers.append(LayerSpec(name, layer, from: from.map(\.name)))
        for source in from { unused.remove(source.name) }
        values.append((name, output))
        unused.insert(name)
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }
}
