import StrataData
import StrataGraph
import StrataRuntime
public import StrataTraining

/// Feeds a trained network one step at a time and carries its state.
///
/// A stepper is a value: a copy goes on by itself from where it was copied.
public struct NetworkStepper: Sendable {
    private let model: Model
    private let weights: WeightPrecision?
    private var engine: InferenceEngine
    /// A state that the caller set and the engine has yet to take over.
    private var pending: NetworkState?

    init(model: Model, weights: WeightPrecision?) throws(TrainingError) {
        self.model = model
        self.weights = weights
        engine = try InferenceEngine(model: model, steps: 1, batch: 1, weights: weights)
    }

    /// What the network remembers: read it to keep it, set it to go on from there.
    ///
    /// A state of another network is refused by the next step, not here.
    public var state: NetworkState {
        get { pending ?? NetworkState(engine.executor.states()) }
        set { pending = newValue }
    }

    /// Forgets everything: the next step is the first of a sequence.
    public mutating func reset() {
        if isKnownUniquelyReferenced(&engine) {
            pending = nil
            engine.executor.resetStates()
        } else {
            // A copy still needs the engine as it is; its own is made by the next step.
            var zero = state
            for index in zero.entries.indices {
                zero.entries[index].values = zero.entries[index].values.map { _ in 0 }
            }
            pending = zero
        }
    }

    /// Reads the next values [I] and answers with the network's output [V].
    ///
    /// - Throws: ``TrainingError``: `.data` where the values do not fit or are not finite,
    ///   `.runtime` where the state is not of this network. The state is then as before.
    public mutating func step(_ values: [Float]) throws(TrainingError) -> [Float] {
        let input = model.graph.inputs[0].spec
        guard input.values == .real else {
            throw .data(DataError(.invalid, "the network reads tokens, not numbers"))
        }
        do {
            _ = try ExampleInputs(vectors: [values], features: input.features, name: "values")
        } catch {
            throw .data(error)
        }
        try takeOver()
        engine.executor.values(ofInput: 0)?.row(0).update(from: values, count: values.count)
        engine.run()
        return engine.row(0)
    }

    /// Reads the next token and answers with the network's output [V].
    ///
    /// - Throws: ``TrainingError``: `.data` where there is no such token, `.runtime` where the
    ///   state is not of this network. The state is then as before.
    public mutating func step(token: Int) throws(TrainingError) -> [Float] {
        let input = model.graph.inputs[0].spec
        guard input.values == .tokens else {
            throw .data(DataError(.invalid, "the network reads numbers, not tokens"))
        }
        do {
            _ = try ExampleInputs(tokens: [[token]], classes: input.features, name: "tokens")
        } catch {
            throw .data(error)
        }
        try takeOver()
        engine.executor.tokens(ofInput: 0)?[0] = Int32(token)
        engine.run()
        return engine.row(0)
    }

    /// Makes the engine this stepper's own, in the state that it should be in.
    private mutating func takeOver() throws(TrainingError) {
        if !isKnownUniquelyReferenced(&engine) {
            let copy = try InferenceEngine(model: model, steps: 1, batch: 1, weights: weights)
            pending = state
            engine = copy
        }
        guard let state = pending else { return }
        let before = engine.executor.states()
        guard state.entries.map(\.name) == before.map(\.name) else {
            throw .runtime(RuntimeError(.invalidInput, "the state belongs to another network"))
        }
        do { try engine.executor.setStates(state.states) } catch { throw .runtime(error) }
        pending = nil
    }
}
