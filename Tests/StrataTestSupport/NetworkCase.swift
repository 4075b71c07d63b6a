package import StrataGraph

/// A compiled network with all that one run of it needs, the same for the fast and the reference
/// executor.
package struct NetworkCase: Sendable, CustomStringConvertible {
    /// What one input holds, row by row without padding.
    package enum Input: Sendable {
        case tokens([Int])
        case values([Float])
    }

    /// What one loss compares with, row by row without padding.
    package enum Target: Sendable {
        case classes([Int])
        case values([Float])
    }

    /// What the case shows, for messages.
    package var name: String
    package var graph: Graph
    package var steps: Int
    package var batch: Int
    /// Every parameter, row-major, in storage order.
    package var parameters: [[Float]]
    package var inputs: [Input]
    /// By loss node.
    package var targets: [Int: Target]
    /// [T·B], 1 where a step counts.
    package var mask: [Float]?
    /// Every node's states before the run, [B, features]; nil: zeros.
    package var states: [[[Float]]]?
    package var randomKey: UInt64 = 1

    package var description: String {
        "\(name) (T \(steps), B \(batch)\(mask == nil ? "" : ", masked"))"
    }
}

/// What a run of a case computed, in double precision whoever computed it.
package struct CaseResult: Sendable {
    /// A named row of numbers.
    package struct Values: Sendable {
        package var name: String
        package var values: [Double]

        package init(name: String, values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    /// The network's results; a plan with losses gives none.
    package var outputs: [Values]
    /// The states for the next window.
    package var states: [Values]
    package var loss: Double?
    /// By parameter; empty unless training.
    package var gradients: [Values]

    package init(
        outputs: [Values], states: [Values], loss: Double?, gradients: [Values]
    ) {
        self.outputs = outputs
        self.states = states
        self.loss = loss
        self.gradients = gradients
    }
}
