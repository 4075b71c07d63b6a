/// What a layer's reference code sees: its inputs, parameters and states as tape variables.
public struct ReferencePass {
    package var tape: ReferenceTape
    package let inputs: [Input]
    package let parameters: [ReferenceTape.Variable]
    package let initialStates: [ReferenceTape.Variable]
    /// The states for the next window, which the layer sets.
    package var finalStates: [ReferenceTape.Variable]
    package let mode: ExecutionMode
    package let steps: Int
    package let batch: Int
    /// 1 where a step counts, 0 where it is padding: [T·B].
    package let mask: [Double]?
    package let randomKey: UInt64
    /// The hash of the layer's name.
    package let layerHash: Int
    package let target: Target?
    /// What each counting row contributes to the mean loss.
    package let lossWeight: Double

    /// One input: a real matrix or the tokens of its rows.
    package struct Input {
        package var spec: TensorSpec
        package var variable: ReferenceTape.Variable?
        package var tokens: [Int]

        package init(spec: TensorSpec, variable: ReferenceTape.Variable?, tokens: [Int]) {
            self.spec = spec
            self.variable = variable
            self.tokens = tokens
        }
    }

    /// What the loss compares with.
    package enum Target {
        case classes([Int])
        case values(ReferenceTape.Matrix)
    }

    package init(
        tape: ReferenceTape, inputs: [Input], parameters: [ReferenceTape.Variable],
        initialStates: [ReferenceTape.Variable], mode: ExecutionMode, steps: Int, batch: Int,
        mask: [Double]?, randomKey: UInt64, layerHash: Int, target: Target?, lossWeight: Double
    ) {
        self.tape = tape
        self.inputs = inputs
        self.parameters = parameters
        self.initialStates = initialStates
        finalStates = initialStates
        self.mode = mode
        self.steps = steps
        self.batch = batch
        self.mask = mask
        self.randomKey = randomKey
        self.layerHash = layerHash
        self.target = target
        self.lossWeight = lossWeight
    }

    /// An input times a weight matrix; tokens select its rows.
    package mutating func product(input index: Int, _ weight: ReferenceTape.Variable)
        -> ReferenceTape.Variable
    {
        let input = inputs[index]
        if let variable = input.variable { return tape.product(variable, weight) }
        return tape.rows(of: weight, input.tokens)
    }

    /// An input as a matrix; tokens become one-hot rows.
    package mutating func dense(input index: Int) -> ReferenceTape.Variable {
        let input = inputs[index]
        if let variable = input.variable { return variable }
        var matrix = ReferenceTape.Matrix(rows: input.tokens.count, columns: input.spec.features)
        for (row, token) in input.tokens.enumerated() where token >= 0 { matrix[row, token] = 1 }
        return tape.constant(matrix)
    }
}
