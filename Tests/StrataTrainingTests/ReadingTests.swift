import Foundation
import Strata
import StrataFormats
import StrataLayers
import StrataSchema
import StrataTraining
import Testing

/// Who only uses a network keeps of a checkpoint what it needs, and checks all of it.
struct ReadingTests {
    private static func kept(_ path: String) throws -> Safetensors {
        try Safetensors(
            reading: path, layer: SystemFileLayer(), keeping: Snapshot.servesInference)
    }

    /// The error of reading a checkpoint, which does not depend on who reads it.
    private static func problem(_ path: String) throws -> FormatError {
        guard case .file(let model) = trainingError({ _ = try TrainedModel(checkpoint: path) }),
            case .file(let network) = trainingError({ _ = try TrainedNetwork(loading: path) })
        else { throw FormatError(.contentInvalid, "the file was read") }
        #expect(model == network)
        return model
    }

    @Test func parametersAreThoseOfTheWholeCheckpoint() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec(), in: folder)
            let path = folder + "/run/best.safetensors"
            let (whole, kept) = (try Safetensors(reading: path), try Self.kept(path))
            let parameters = whole.tensors.filter {
                !$0.name.hasPrefix("optimizer.") && !$0.name.hasPrefix("state.")
            }
            #expect(kept.tensors == parameters)
            #expect(kept.metadata == whole.metadata)
            #expect(kept.isVerified)
            // Adam keeps two moments of each.
            #expect(whole.tensors.count > 3 * parameters.count)
        }
    }

    @Test func damageToMomentsAndStatesIsFoundThoughTheyAreNotKept() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec(), in: folder)
            let path = folder + "/run/best.safetensors"
            let (whole, sound) = (try Safetensors(reading: path), try bytes(of: path))
            var place = sound.count - whole.tensors.reduce(0) { $0 + $1.bytes.count }
            for tensor in whole.tensors {
                var damaged = sound
                damaged[place + tensor.bytes.count / 2] ^= 1
                try write(damaged, to: path)
                let error = try Self.problem(path)
                #expect(error.kind == .checksumMismatch, "\(tensor.name)")
                #expect(error.path == path)
                place += tensor.bytes.count
            }
            for count in [1, 100, sound.count / 2] {
                try write(Array(sound.dropLast(count)), to: path)
                #expect(try Self.problem(path).kind == .truncated)
            }
        }
    }

    @Test func runsOfDamagedMomentsAreRefusedOrPassedOver() throws {
        try withTemporaryFolder { folder in
            try Tiny.finish(Tiny.spec(), in: folder)
            let run = try RunFolder(name: "run", in: folder)
            // The last bytes are those of a carried state; those before, of moments.
            func damage(_ path: String) throws {
                var damaged = try bytes(of: path)
                damaged[damaged.count - 1] ^= 1
                try write(damaged, to: path)
            }
            try damage(run.bestPath)
            guard case .file(let error) = trainingError({ _ = try TrainedModel(run: run) }) else {
                Issue.record("a damaged checkpoint was read")
                return
            }
            #expect(error.kind == .checksumMismatch)
            #expect(error.path == run.bestPath)
            let last = run.checkpointPath(step: try #require(try run.checkpointSteps().last))
            #expect(error.hint?.contains(last) == true, "\(error)")
            try FileManager.default.removeItem(atPath: run.bestPath)
            let newest = try #require(try run.checkpointSteps().last)
            try damage(run.checkpointPath(step: newest))
            let log = LogBook()
            #expect(try TrainedModel(run: run, logger: log.logger).step < newest)
            #expect(log.lines.count == 1)
        }
    }

    @Test func layersNamedLikeAPartOfTheCheckpointAreKept() throws {
        let spec = Tiny.spec([
            LayerSpec("optimizer", LSTM(units: 4)), LayerSpec("state", LSTM(units: 4)),
            LayerSpec("m", LSTM(units: 4)), LayerSpec("next", Output()),
        ])
        try withTemporaryFolder { folder in
            try Tiny.finish(spec, in: folder)
            let path = folder + "/run/best.safetensors"
            #expect(
                try Self.kept(path).tensors.map(\.name)
                    == ["optimizer", "state", "m"].flatMap { layer in
                        ["W", "R", "b"].map { layer + "." + $0 }
                    } + ["next.W", "next.b"])
            let data = try Tiny.data()
            #expect(
                try TrainedModel(checkpoint: path).evaluate(.validation, of: data, threads: 1)
                    == Tiny.snapshot(path).facts.progress.validation.bestLoss)
        }
    }

    @Test func filesOfOtherProgramsAreRefusedBeforeTheirDataAreRead() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/other.safetensors"
            // More than there is memory, though not on the disk.
            let size = 1 << 42
            let header = #"{"a":{"dtype":"U8","shape":[\#(size)],"data_offsets":[0,\#(size)]}}"#
            let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) }
            try write(length + header.utf8, to: path)
            try #require(truncate(path, off_t(8 + header.utf8.count + size)) == 0)
            let error = try Self.problem(path)
            #expect(error.kind == .contentInvalid)
            #expect(error.message.hasPrefix("this is no file of Strata"))
            #expect(error.path == path)
        }
    }

    @Test func nothingOfASavedNetworkIsPassedOver() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/net.safetensors"
            try Lesson.speller.train(on: Lesson.spellerExamples(), epochs: 1).save(to: path)
            var file = try Safetensors(reading: path)
            #expect(try Self.kept(path).tensors == file.tensors)
            file.tensors.append(
                try TensorEntry(name: "optimizer.m.lstm1.W", shape: [1], floats: [1]))
            try file.write(to: path)
            guard case .file(let error) = trainingError({ _ = try TrainedNetwork(loading: path) })
            else {
                Issue.record("a tensor that has no place was accepted")
                return
            }
            #expect(error.kind == .wrongArchitecture)
            #expect(error.message.contains("'optimizer.m.lstm1.W' [1] has no place"))
        }
    }
}
