import StrataGraph

extension LSTMCell {
    /// The equations of the layer's documentation, step by step.
    func reference(_ pass: inout ReferencePass) -> ReferenceTape.Variable {
        let (H, B) = (units, pass.batch)
        let (W, R, b) = (pass.parameters[0], pass.parameters[1], pass.parameters[2])
        let product = pass.product(input: 0, W)
        let projected = pass.tape.sum(product, b)
        var (h, c) = (pass.initialStates[0], pass.initialStates[1])
        var outputs: [ReferenceTape.Variable] = []
        for t in 0..<pass.steps {
            let x = pass.tape.slice(projected, rows: t * B..<(t + 1) * B)
            let recurrent = pass.tape.product(h, R)
            let z = pass.tape.sum(x, recurrent)
            let gates = Gate.allCases.map { gate in
                pass.tape.slice(z, columns: gate.rawValue * H..<(gate.rawValue + 1) * H)
            }
            let i = gate(&pass, gates[0], peephole: 0, c)
            let f = gate(&pass, gates[1], peephole: 1, c)
            let g = pass.activate(gates[2], activation)
            let kept = pass.tape.scaled(f, by: c)
            let added = pass.tape.scaled(i, by: g)
            let cell = pass.tape.sum(kept, added)
            let o = gate(&pass, gates[3], peephole: 2, cell)
            let squashed = pass.activate(cell, activation)
            let hidden = pass.tape.scaled(o, by: squashed)
            h = pass.masked(hidden, else: h, step: t)
            c = pass.masked(cell, else: c, step: t)
            outputs.append(h)
        }
        pass.finalStates = [h, c]
        return tail.reference(pass.tape.stackedRows(outputs), &pass)
    }

    private func gate(
        _ pass: inout ReferencePass, _ z: ReferenceTape.Variable, peephole: Int,
        _ c: ReferenceTape.Variable
    ) -> ReferenceTape.Variable {
        guard hasPeepholes else { return pass.activate(z, gateActivation) }
        let p = pass.tape.slice(pass.parameters[3], rows: peephole..<peephole + 1)
        let seen = pass.tape.scaled(c, by: p)
        let sum = pass.tape.sum(z, seen)
        return pass.activate(sum, gateActivation)
    }
}

extension ReferencePass {
    /// The rows of `value` where the step's mask is 1, those of `old` where it is 0.
    mutating func masked(
        _ value: ReferenceTape.Variable, else old: ReferenceTape.Variable, step: Int
    ) -> ReferenceTape.Variable {
        guard let mask else { return value }
        let row = Array(mask[step * batch..<(step + 1) * batch])
        let keep = tape.constant(.init(rows: batch, columns: 1, values: row))
        let pass = tape.constant(.init(rows: batch, columns: 1, values: row.map { 1 - $0 }))
        let new = tape.scaled(value, by: keep)
        let carried = tape.scaled(old, by: pass)
        return tape.sum(new, carried)
    }
}
