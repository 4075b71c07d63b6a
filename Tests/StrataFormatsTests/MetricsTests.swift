import Foundation
import StrataFormats
import StrataSchema
import Testing

@Suite struct MetricsTests {
    private func withRun(_ body: (RunFolder) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder(name: "a", in: folder)
            try run.create()
            try body(run)
        }
    }

    @Test func eachRecordIsALine() throws {
        try withRun { run in
            try run.appendMetrics(["step": 1, "loss": 0.5])
            try run.appendMetrics(["step": 2, "note": "a\nb", "loss": .double(.nan)])
            #expect(
                String(decoding: try bytes(of: run.metricsPath), as: UTF8.self)
                    == "{\"step\":1,\"loss\":0.5}\n"
                    + "{\"step\":2,\"note\":\"a\\nb\",\"loss\":null}\n")
        }
    }

    @Test func aResumedFileEqualsAnUninterruptedOne() throws {
        try withRun { run in
            func train(_ steps: ClosedRange<Int>) throws {
                for step in steps {
                    try run.appendMetrics(["step": .int(step), "loss": .double(1 / Double(step))])
                    if step % 3 == 0 { try run.appendMetrics(["validation": .int(step)]) }
                }
            }
            try train(1...20)
            let whole = try bytes(of: run.metricsPath)
            for stop in 1...20 {
                for checkpoint in [0, stop / 2, stop] {
                    try write([], to: run.metricsPath)
                    try train(1...stop)
                    let cut = try bytes(of: run.metricsPath).dropLast(stop == checkpoint ? 0 : 5)
                    try write(Array(cut), to: run.metricsPath)
                    try run.truncateMetrics(afterStep: checkpoint)
                    if checkpoint < 20 { try train((checkpoint + 1)...20) }
                    #expect(try bytes(of: run.metricsPath) == whole)
                }
            }
        }
    }

    @Test func brokenLinesAreDropped() throws {
        try withRun { run in
            #expect(try run.truncateMetrics(afterStep: 5) == 0)
            let text =
                "{\"step\":1}\n{\"st\n[1]\n\n{\"step\":2}\n{\"step\":3}\n{\"step\":3,\"loss\":"
            try write(text, to: run.metricsPath)
            #expect(try run.truncateMetrics(afterStep: 2) == 5)
            #expect(try bytes(of: run.metricsPath) == Array("{\"step\":1}\n{\"step\":2}\n".utf8))
            #expect(try run.truncateMetrics(afterStep: 2) == 0)
            // Whole, but for the end of its line: a kill may have cut the number.
            try write("{\"step\":1}\n{\"step\":2}", to: run.metricsPath)
            #expect(try run.truncateMetrics(afterStep: 2) == 1)
        }
    }

    @Test(arguments: [false, true])
    func aFailedAppendLeavesWholeLines(lasts: Bool) throws {
        try withTemporaryFolder { folder in
            let sound = try RunFolder(name: "a", in: folder)
            try sound.create()
            for fault in [.error(ENOSPC), .shortWriteThenError(ENOSPC)] as [FaultyFileLayer.Fault] {
                _ = try forEveryFailure(fault, lasts: lasts) { layer in
                    try write("{\"step\":1}\n", to: sound.metricsPath)
                    let run = try RunFolder(name: "a", in: folder, layer: layer)
                    try run.appendMetrics(["step": 2])
                } check: { _ in
                    if lasts { try sound.truncateMetrics(afterStep: 2) }
                    let found = String(decoding: try bytes(of: sound.metricsPath), as: UTF8.self)
                    #expect(
                        ["{\"step\":1}\n", "{\"step\":1}\n{\"step\":2}\n"].contains(found))
                }
            }
        }
    }

    @Test func aFailedTruncationLeavesTheOldOrTheNewFile() throws {
        try withTemporaryFolder { folder in
            let sound = try RunFolder(name: "a", in: folder)
            try sound.create()
            let (old, new) = ("{\"step\":1}\n{\"step\":2}\n", "{\"step\":1}\n")
            _ = try forEveryFailure(.error(EIO), lasts: false) { layer in
                try write(old, to: sound.metricsPath)
                try RunFolder(name: "a", in: folder, layer: layer).truncateMetrics(afterStep: 1)
            } check: { error in
                let found = String(decoding: try bytes(of: sound.metricsPath), as: UTF8.self)
                #expect(found == new || error != nil && found == old)
                #expect(try temporaryNames(in: sound.path).isEmpty)
            }
        }
    }

    @Test func samplesAreWrittenAndTruncatedByStep() throws {
        try withRun { run in
            try run.writeSample("one\n", step: 5)
            try run.writeSample("later", step: 10)
            #expect(try bytes(of: run.samplePath(step: 5)) == Array("one\n".utf8))
            try run.removeSamples(afterStep: 5)
            #expect(try names(in: run.samplesPath) == ["step-000000005.txt"])
        }
    }

    @Test func aSampleIsThereWholeOrNotAtAll() throws {
        try withTemporaryFolder { folder in
            let sound = RunFolder(path: folder + "/a")
            try sound.create()
            for fault in [.error(ENOSPC), .shortWriteThenError(ENOSPC)] as [FaultyFileLayer.Fault] {
                let count = try forEveryFailure(fault, lasts: false) { layer in
                    try sound.removeSamples(afterStep: 0)
                    try RunFolder(name: "a", in: folder, layer: layer).writeSample("text", step: 5)
                } check: { error in
                    let isThere = try sound.hasSample(step: 5)
                    #expect(isThere || error != nil)
                    if isThere {
                        #expect(try bytes(of: sound.samplePath(step: 5)) == Array("text".utf8))
                    }
                }
                #expect(count >= 5)
            }
        }
    }
}
