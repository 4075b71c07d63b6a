import StrataGraph
import StrataSchema

extension ExecutionPlan {
    /// The plan as `--json` tells it: layers, commands and buffers with operations and bytes, then
    /// predictions.
    func record(with predictions: [ConfigValue.Pair]) -> ConfigValue {
        let float = MemoryLayout<Float>.stride
        let buffers = regions.values.sorted {
            ($0.offset, $0.live.lowerBound) < ($1.offset, $1.live.lowerBound)
        }
        return .map(
            [
                .init("steps", .int(steps)), .init("batch", .int(batch)),
                .init("trains", .bool(purpose == .training)),
                .init("precision", .string(precision.rawValue)),
                .init("parameters", .int(graph.parameterCount)),
                .init("parameter_bytes", .int(graph.parameterCount * float)),
                .init("arena_bytes", .int(arenaCount * float)), .init("flops", .int(flops)),
                .init("layers", .list(graph.nodes.indices.map(record(ofNode:)))),
                .init("commands", .list(commands.map(record(of:)))),
                .init("buffers", .list(buffers.map(record(of:)))),
            ] + predictions)
    }

    private func record(ofNode index: Int) -> ConfigValue {
        let node = graph.nodes[index]
        let output = node.plan.output
        return [
            "name": .string(node.name), "type": .string(Swift.type(of: node.layer).type),
            "fused": .list(node.fused.map { .string($0) }),
            "inputs": .list(node.inputs.map { .string(graph.name(of: $0)) }),
            "features": .int(output.features), "is_sequence": .bool(output.isSequence),
            "parameters": .int(node.plan.parameterCount),
            "forward_flops": .int(forwardFlops(ofNode: index)),
        ]
    }

    private func record(of command: Command) -> ConfigValue {
        let (operation, node) = command.operation.parts
        return [
            "phase": .string("\(command.phase)"), "operation": .string(operation),
            "layer": node.map { .string(graph.nodes[$0].name) } ?? .null,
            "flops": .int(flops(of: command).total),
            "reads": .list(command.reads.map { .string(name(of: $0)) }),
            "writes": .list(command.writes.map { .string(name(of: $0)) }),
        ]
    }

    private func record(of region: Region) -> ConfigValue {
        [
            "name": .string(name(of: region.buffer)),
            "offset_bytes": .int(region.offset * MemoryLayout<Float>.stride),
            "bytes": .int(region.count * MemoryLayout<Float>.stride),
            "first_command": .int(region.live.lowerBound),
            "last_command": .int(region.live.upperBound),
        ]
    }
}

extension Command.Operation {
    /// What is done, in snake_case, and the node that it is done for.
    fileprivate var parts: (name: String, node: Int?) {
        switch self {
        case .prepare(let node): ("prepare", node)
        case .forward(let node): ("forward", node)
        case .loss(let node): ("loss", node)
        case .sumGradients(let node): ("sum_gradients", node)
        case .backward(let node): ("backward", node)
        case .carry(let node): ("carry", node)
        case .barrier: ("barrier", nil)
        }
    }
}
