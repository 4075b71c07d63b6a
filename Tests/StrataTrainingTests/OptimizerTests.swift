import StrataGraph
import StrataKernels
import StrataLayers
import StrataRuntime
import StrataSchema
import StrataTraining
import Testing

/// Every optimizer of the catalog against its formula as a plain loop in double precision.
struct OptimizerTests {
    private static let penalties: [ParameterUpdate.Penalties] = {
        var list = [ParameterUpdate.Penalties()]
        func add(_ edit: (inout ParameterUpdate.Penalties) -> Void) {
            var penalties = ParameterUpdate.Penalties()
            edit(&penalties)
            list.append(penalties)
        }
        add { $0.clipNorm = 3 }
        add { $0.clipNorm = 1e6 }
        add { $0.clipValue = 0.3 }
        add { $0.l1 = 0.05 }
        add { $0.l2 = 0.1 }
        add { $0.weightDecay = 0.2 }
        add {
            $0 = .init()
            ($0.clipNorm, $0.clipValue, $0.l1, $0.l2, $0.weightDecay) = (4, 0.2, 0.01, 0.02, 0.1)
        }
        return list
    }()

    /// Each kind with its defaults, and with momentum where it has one.
    static let optimizers: [any Optimizer] =
        OptimizerCatalog.standard.kinds.map(\.defaults)
        + [SGD(learningRate: 0.02, momentum: 0.9), AdamW(learningRate: 0.01, weightDecay: 0.3)]

    @Test(arguments: optimizers.indices)
    func updateMatchesFormula(index: Int) throws {
        let optimizer = Self.optimizers[index]
        for (number, penalties) in Self.penalties.enumerated() {
            let store = try Self.store()
            let gradients = try Arena(count: store.count)
            let update = try ParameterUpdate(
                parameters: store, gradients: gradients, rule: optimizer.rule,
                penalties: penalties, kernels: .best)
            let team = WorkerTeam(count: 1 + number % 4)
            var reference = ReferenceUpdate(optimizer, penalties, store: store)
            let start = reference.weights
            for step in 1...12 {
                Self.fill(gradients, step: step)
                reference.apply(gradients.buffer(0..<store.count).map(Double.init), step)
                team.run { update.execute($0, step: step, rate: optimizer.learningRate) }
            }
            let values = store.values.buffer(0..<store.count)
            let scale = zip(start, reference.weights).map { abs($0 - $1) }.max() ?? 0
            let worst = zip(values, reference.weights).map { abs(Double($0) - $1) }.max() ?? 1
            #expect(scale > 0.001)
            // Rounding of weights up to 4 at every step, and of the movement itself.
            #expect(
                worst < 1e-5 + 1e-4 * scale, "\(type(of: optimizer).type), penalties \(number)")
            #expect(abs(update.gradientNorm - reference.norm) < 1e-5 * reference.norm)
        }
    }

    /// Adam's first step is its rate for every parameter, also where float32 knows few numbers below one.
    @Test(arguments: [0.9, 0.999, 0.999_999, 0.999_999_9])
    func adamMovesByItsRateHoweverNearToOneItsFactorsAre(beta: Double) throws {
        var rule = Adam(learningRate: 0.125).rule
        (rule.beta1, rule.beta2) = (beta, beta)
        let store = try Self.store()
        let gradients = try Arena(count: store.count)
        let update = try ParameterUpdate(
            parameters: store, gradients: gradients, rule: rule, penalties: .init(), kernels: .best)
        let before = Array(store.values.buffer(0..<store.count))
        for index in 0..<store.count { gradients.base[index] = 1 }
        WorkerTeam(count: 1).run { update.execute($0, step: 1, rate: 0.125) }
        let moved = zip(before, store.values.buffer(0..<store.count)).map { $0 - $1 }
        #expect(moved.allSatisfy { abs($0 - 0.125) < 1e-5 }, "\(moved.max() ?? 0)")
    }

    @Test func gradientsThatAreNotFiniteChangeNothing() throws {
        for optimizer in Self.optimizers {
            for bad in [Float.nan, .infinity, -.infinity] {
                let store = try Self.store()
                let gradients = try Arena(count: store.count)
                let update = try ParameterUpdate(
                    parameters: store, gradients: gradients, rule: optimizer.rule,
                    penalties: .init(), kernels: .best)
                let before = store.hash
                Self.fill(gradients, step: 1)
                gradients.base[store.count - 1] = bad
                WorkerTeam(count: 2).run { update.execute($0, step: 1, rate: 0.1) }
                #expect(store.hash == before)
                #expect(!update.gradientNorm.isFinite)
            }
        }
    }

    /// More than one piece of work, weights and biases, sizes that fill no vector.
    private static func store() throws -> ParameterStore {
        let graph = try GraphCompiler.compile(
            NetworkSpec(layers: [
                LayerSpec("wide", Dense(units: 101)), LayerSpec("lstm", LSTM(units: 9)),
                LayerSpec("last", Output(units: 3, activation: .identity, loss: .mse)),
            ]), inputs: [GraphInput("input", TensorSpec(features: 97))])
        let store = try ParameterStore(graph: graph)
        var random = CounterRandom(key: 3)
        for index in 0..<store.count {
            // Far from 0, where the sign that l1 follows would depend on rounding.
            let size = Float(3 + random.uniform())
            store.values.base[index] = index % 2 == 0 ? size : -size
        }
        store.markChanged()
        return store
    }

    private static func fill(_ gradients: Arena, step: Int) {
        var random = CounterRandom(key: UInt64(step))
        for index in 0..<gradients.count {
            gradients.base[index] = Float(random.uniform() - 0.5)
        }
    }
}

/// The documented formulas, one number at a time.
private struct ReferenceUpdate {
    var weights: [Double]
    var norm = 0.0
    private let optimizer: any Optimizer
    private let penalties: ParameterUpdate.Penalties
    private let decays: [Bool]
    private var m: [Double]
    private var v: [Double]

    init(_ optimizer: any Optimizer, _ penalties: ParameterUpdate.Penalties, store: ParameterStore)
    {
        self.optimizer = optimizer
        self.penalties = penalties
        weights = store.values.buffer(0..<store.count).map(Double.init)
        decays = store.entries.flatMap { [Bool](repeating: $0.spec.decays, count: $0.range.count) }
        m = [Double](repeating: 0, count: weights.count)
        v = m
    }

    mutating func apply(_ gradients: [Double], _ step: Int) {
        norm = gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = penalties.clipNorm.map { min(1, $0 / norm) } ?? 1
        for index in weights.indices {
            var g = gradients[index] * scale
            if let limit = penalties.clipValue { g = max(-limit, min(limit, g)) }
            let w = weights[index]
            if decays[index] {
                let sign = w > 0 ? 1.0 : w < 0 ? -1.0 : 0
                g += penalties.l2 * w + penalties.l1 * sign
                let decay = penalties.weightDecay + ((optimizer as? AdamW)?.weightDecay ?? 0)
                weights[index] -= optimizer.learningRate * decay * w
            }
            weights[index] -= optimizer.learningRate * direction(g, index, step)
        }
    }

    private mutating func direction(_ g: Double, _ i: Int, _ step: Int) -> Double {
        switch optimizer {
        case let sgd as SGD:
            m[i] = sgd.momentum * m[i] + g
            return m[i]
        case let nesterov as Nesterov:
            m[i] = nesterov.momentum * m[i] + g
            return nesterov.momentum * m[i] + g
        case let adam as Adam:
            return adaptive(g, i, step, adam.beta1, adam.beta2, adam.epsilon)
        case let adam as AdamW:
            return adaptive(g, i, step, adam.beta1, adam.beta2, adam.epsilon)
        case let rms as RMSProp:
            v[i] = rms.decay * v[i] + (1 - rms.decay) * g * g
            return g / (v[i].squareRoot() + rms.epsilon)
        case let ada as AdaGrad:
            v[i] += g * g
            return g / (v[i].squareRoot() + ada.epsilon)
        default:
            Issue.record("no formula is written down for \(optimizer)")
            return 0
        }
    }

    private mutating func adaptive(
        _ g: Double, _ i: Int, _ step: Int, _ beta1: Double, _ beta2: Double, _ epsilon: Double
    ) -> Double {
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        var (power1, power2) = (1.0, 1.0)
        for _ in 0..<step { (power1, power2) = (power1 * beta1, power2 * beta2) }
        return m[i] / (1 - power1) / ((v[i] / (1 - power2)).squareRoot() + epsilon)
    }
}
