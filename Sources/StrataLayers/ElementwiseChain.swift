import CStrataKernels
import StrataGraph
import StrataKernels

/// Functions of single values, one after the other: a layer's own, if it has one, and those of the layers
/// that were fused with it.
struct ElementwiseChain: Equatable, Sendable {
    enum Function: Equatable, Sendable {
        case activation(Activation)
        /// `layer`: the hash of the name of the layer that drops values; nil: of the one that has the chain.
        case dropout(rate: Double, layer: Int?)
    }

    private var own: Function?
    private var fused: [Function] = []

    var isEmpty: Bool { own == nil && fused.isEmpty }

    /// The chain with another function before all others.
    ///
    /// What a layer does with every window has to go without an allocation, as this does.
    func after(_ first: Function) -> ElementwiseChain {
        var chain = self
        chain.own = first == .activation(.identity) ? nil : first
        return chain
    }

    /// The chain with the function of a layer behind it, or nil where there is no room.
    ///
    /// One place less than kernels take is for those, and one for the layer's own.
    func followed(by function: Function, named name: String) -> ElementwiseChain? {
        if function == .activation(.identity) { return self }
        guard fused.count + 1 < ChainArguments.limit else { return nil }
        var chain = self
        switch function {
        case .activation: chain.fused.append(function)
        case .dropout(let rate, let layer):
            chain.fused.append(.dropout(rate: rate, layer: layer ?? RandomKey.layer(named: name)))
        }
        return chain
    }

    // MARK: Execution

    /// Whether gradients are computed from what the chain reads.
    var needsInput: Bool { arguments(drops: true).needsInput }

    /// Whether gradients are computed from what the chain leaves.
    var needsOutput: Bool {
        let last = fused.last ?? own
        guard case .activation = last else { return false }
        return !needsInput
    }

    /// What kernels are told of the chain of a layer with the hash of its name.
    func arguments(_ facts: RunFacts, layer: Int) -> ChainArguments {
        arguments(drops: facts.mode == .training, key: facts.randomKey, layer: layer)
    }

    private func arguments(drops: Bool, key: UInt64 = 0, layer: Int = 0) -> ChainArguments {
        var arguments = ChainArguments()
        func add(_ function: Function) {
            switch function {
            case .activation(let activation): arguments.append(activation.code)
            case .dropout(let rate, let name):
                guard drops else { return }
                arguments.append(
                    dropping: rate, key: DropoutMask.key(of: name ?? layer, step: key))
            }
        }
        if let own { add(own) }
        for function in fused { add(function) }
        return arguments
    }

    // MARK: Reference

    func reference(_ x: ReferenceTape.Variable, _ pass: inout ReferencePass)
        -> ReferenceTape.Variable
    {
        ([own].compactMap(\.self) + fused).reduce(x) { x, function in
            switch function {
            case .activation(let activation): return pass.activate(x, activation)
            case .dropout(let rate, let layer):
                guard pass.mode == .training else { return x }
                let mask = DropoutMask(
                    rate: rate, key: pass.randomKey, layer: layer ?? pass.layerHash)
                var factors = pass.tape.value(x)
                for place in factors.values.indices {
                    factors.values[place] = mask.keeps(place) ? 1 / (1 - rate) : 0
                }
                let constant = pass.tape.constant(factors)
                return pass.tape.scaled(x, by: constant)
            }
        }
    }
}
