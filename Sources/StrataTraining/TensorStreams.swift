package import StrataFormats
import StrataGraph
package import StrataRuntime

extension ParameterStore {
    /// All parameters, to be written from where they are.
    package func streams() throws(FormatError) -> [TensorStream] {
        try streams(from: values, prefix: "")
    }

    /// One tensor for each parameter, from a buffer that is laid out like the parameters.
    fileprivate func streams(
        from arena: Arena, prefix: String
    ) throws(FormatError) -> [TensorStream] {
        var streams: [TensorStream] = []
        for entry in entries {
            streams.append(
                try TensorStream(
                    name: prefix + entry.name, type: .float32, shape: entry.spec.shape,
                    bytes: arena.stream(entry.range)))
        }
        return streams
    }
}

extension Trainer {
    /// The tensors of a checkpoint: parameters and moments, to be written from where they are, and
    /// copies of the carried states, which the next window changes.
    package func streams() throws(FormatError) -> [TensorStream] {
        let parameters = model.parameters
        var streams = try parameters.streams()
        for (name, moment) in zip(Snapshot.momentNames, [update.firstMoment, update.secondMoment]) {
            guard let moment else { continue }
            streams += try parameters.streams(from: moment, prefix: name)
        }
        for state in executor.states() {
            streams.append(
                TensorStream(
                    try TensorEntry(
                        name: Snapshot.statePrefix + state.name,
                        shape: [state.values.count / state.features, state.features],
                        floats: state.values)))
        }
        return streams
    }
}

extension Arena {
    /// The bytes of some numbers, fetched from where they are.
    fileprivate func stream(_ range: Range<Int>) -> ByteStream {
        let width = MemoryLayout<Float>.size
        return ByteStream(count: range.count * width) { bytes in
            let start = range.lowerBound + bytes.lowerBound / width
            return self.littleEndianBytes(start..<start + bytes.count / width)
        }
    }
}
