import Foundation
import StrataData
import StrataFormats
import StrataGraph
import StrataLayers
import StrataTraining
import Testing

/// Runs on a text that is read from its file step by step.
struct LongTextRunTests {
    private static let layers = [
        LayerSpec("lstm", LSTM(units: 4)), LayerSpec("next", Output()),
    ]

    private static func text(_ folder: String) throws -> TextData {
        let path = folder + "/a.txt"
        let letters = ["a", "b", "cé", "漢", "\n"]
        let text = Tiny.tokens(12_000).map { letters[Int($0) % 5] }.joined()
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return TextData(path: [path], sequenceLength: 8, batchSize: 3)
    }

    @Test func filesAndMemoryGiveTheSameBits() throws {
        try withTemporaryFolder { folder in
            let text = try Self.text(folder)
            let spec = Tiny.spec(Self.layers) { $0.epochs = 1 }
            let files = try ["kept": 1 << 20, "read": 0].map { name, bytes in
                let data = try text.load(
                    relativeTo: "", limits: ReadLimits(bytesInMemory: bytes))
                try Tiny.finish(spec, in: folder + "/" + name, data: data)
                return try StrataTrainingTests.bytes(
                    of: folder + "/" + name + "/run/best.safetensors")
            }
            #expect(files[0] == files[1])
        }
    }

    @Test func aTextThatChangesMeanwhileEndsTheRunWithACheckpoint() throws {
        try withTemporaryFolder { folder in
            let text = try Self.text(folder)
            let data = try text.load(relativeTo: "", limits: ReadLimits(bytesInMemory: 0))
            var last = 0
            let error = trainingError {
                _ = try Tiny.run(Tiny.spec(Self.layers), in: folder, data: data).run(
                    shouldStop: { false },
                    observe: {
                        guard case .step(let progress) = $0 else { return }
                        last = progress.step
                        if last == 3 { #expect(truncate(text.path[0], 100) == 0) }
                    })
            }
            guard case .data(let cause) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(cause.kind == .changed && cause.path == text.path[0])
            let found = try RunFolder(name: "run", in: folder).newestReadableCheckpoint()
            #expect(found?.step == last && last >= 3)
        }
    }

    @Test func aTextThatChangesBeforeValidationLosesNoPass() throws {
        try withTemporaryFolder { folder in
            let text = try Self.text(folder)
            let whole = try StrataTrainingTests.bytes(of: text.path[0])
            let spec = Tiny.spec(Self.layers) { $0.epochs = 2 }
            func data() throws -> TokenDataset {
                try text.load(relativeTo: "", limits: ReadLimits(bytesInMemory: 0))
            }
            let windows = try data().windows(data().train, spec.training, isWhole: false).count
            let error = trainingError {
                _ = try Tiny.run(spec, in: folder, data: data()).run(
                    shouldStop: { false },
                    observe: {
                        guard case .step(let progress) = $0, progress.step == windows else {
                            return
                        }
                        #expect(truncate(text.path[0], 100) == 0)
                    })
            }
            guard case .data = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let found = try RunFolder(path: folder + "/run").newestReadableCheckpoint()
            #expect(found?.step == windows)
            try write(whole, to: text.path[0])
            try Tiny.finish(spec, in: folder, data: data())
            try withTemporaryFolder { straight in
                try Tiny.finish(spec, in: straight, data: data())
                try ResumeTests.expectSameFiles(straight, folder)
            }
        }
    }
}
