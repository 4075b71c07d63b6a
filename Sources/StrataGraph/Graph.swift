package import StrataSchema

/// A named entry of data into a network.
public struct GraphInput: Hashable, Sendable {
    /// The name of the input that a network's first layer reads.
    public static let defaultName = "input"

    /// The name that layers use in `from`.
    public var name: String
    /// The data's shape.
    public var spec: TensorSpec

    /// Creates an input.
    public init(_ name: String = GraphInput.defaultName, _ spec: TensorSpec) {
        self.name = name
        self.spec = spec
    }
}

/// A value on an edge: an input of the network or the output of a node.
public enum ValueID: Hashable, Sendable {
    /// The network's input of this index.
    case input(Int)
    /// The output of the node of this index.
    case node(Int)
}

/// One layer instance of a graph.
public struct GraphNode: Sendable {
    /// The layer's name.
    public var name: String
    /// The kind with its settings.
    public var layer: any Layer
    /// What it reads.
    public var inputs: [ValueID]
    /// What the layer says of itself with these inputs; set by shape inference.
    public var plan: LayerPlan
    /// The names of the layers behind it whose work it does, in order.
    public var fused: [String] = []
    /// Where the layer stands in the file.
    package var location: SourceLocation?
    /// The layer whose inputs it joins, where it is no layer of the file itself.
    package var joinsFor: String?

    /// The layer of the file that messages name.
    package var layerName: String { joinsFor ?? name }

    /// `lstm`, or `lstm + drop`.
    package var nameWithFused: String { ([name] + fused).joined(separator: " + ") }

    /// The layer as one that ends the network with a loss, if it is one.
    package var lossLayer: (any LossLayer)? { layer as? any LossLayer }
}

/// Layer instances joined by tensors: what a spec means, before it is scheduled.
public struct Graph: Sendable {
    /// The entries of data.
    public var inputs: [GraphInput]
    /// The layers in the order in which they run.
    public var nodes: [GraphNode]
    /// Nodes whose outputs are results of the network: losses, or the ends of a network without.
    public var outputs: [Int]
    /// What the data give the losses to compare with; nil: it is not known yet.
    public var target: TargetSpec?

    /// The shape of a value.
    public func spec(of value: ValueID) -> TensorSpec {
        switch value {
        case .input(let index): inputs[index].spec
        case .node(let index): nodes[index].plan.output
        }
    }

    /// The name of a value for messages.
    public func name(of value: ValueID) -> String {
        switch value {
        case .input(let index): inputs[index].name
        case .node(let index): nodes[index].name
        }
    }

    /// The names that a file has for a value; joined inputs of a layer have several.
    package func names(of value: ValueID) -> [String] {
        switch value {
        case .input(let index): [inputs[index].name]
        case .node(let index) where nodes[index].joinsFor != nil:
            nodes[index].inputs.flatMap { names(of: $0) }
        case .node(let index): [nodes[index].name]
        }
    }

    /// All parameters in storage order, named `layer.parameter`.
    public var parameters: [(name: String, node: Int, spec: ParameterSpec)] {
        nodes.enumerated().flatMap { index, node in
            node.plan.parameters.map { ("\(node.name).\($0.name)", index, $0) }
        }
    }

    /// How many numbers all parameters have together.
    public var parameterCount: Int { nodes.reduce(0) { $0 + $1.plan.parameterCount } }

    /// The settings that make a network smaller which is too large, in words.
    ///
    /// A vocabulary wider than any layer makes the tables that it indexes the largest tensors.
    package var remedies: String {
        let vocabulary = inputs.filter { $0.spec.values == .tokens }.map(\.spec.features).max() ?? 0
        let widest = nodes.map(\.plan.output.features).filter { $0 != vocabulary }.max() ?? 0
        // Of bytes there are so many in any case.
        let names = vocabulary > max(widest, 256) ? "vocabulary_size, units" : "units"
        return "lower \(names), batch_size or sequence_length"
    }

    /// Whether a loss may be given rows of numbers, rather than classes alone.
    package func comparesRows(_ index: Int) -> Bool {
        let node = nodes[index]
        guard case .classes = target,
            case .classes = node.lossLayer?.target(output: node.plan.output)
        else { return true }
        return false
    }

    /// For every node the nodes that read it, each as often as it does.
    var readers: [[Int]] {
        var readers = [[Int]](repeating: [], count: nodes.count)
        for (index, node) in nodes.enumerated() {
            for case .node(let source) in node.inputs { readers[source].append(index) }
        }
        return readers
    }

    /// The nodes that read a value.
    package func consumers(of value: ValueID) -> [(node: Int, slot: Int)] {
        var consumers: [(node: Int, slot: Int)] = []
        for index in nodes.indices {
            for (slot, input) in nodes[index].inputs.enumerated() where input == value {
                consumers.append((index, slot))
            }
        }
        return consumers
    }
}
