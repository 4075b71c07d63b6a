import Foundation
import Testing

/// An error that follows from an override is shown at the override, whatever the file says there.
@Suite(.serialized)
struct OverrideFailureTests {
    private static let list = Workspace.config(path: "[text.txt, text.txt]")

    private static func failure(
        _ overrides: [String], of text: String = Workspace.config(), verb: String = "check"
    ) throws -> Netrun.Result {
        var result: Netrun.Result?
        try Workspace.with { workspace in
            try workspace.write("net.yaml", text)
            let process = try Netrun.start(
                [verb, "net.yaml"] + overrides.flatMap { ["--set", $0] }, in: workspace.folder)
            result = try Netrun.finish(process, in: workspace.folder)
            #expect(!workspace.exists("runs"))
        }
        return try #require(result)
    }

    @Test(
        arguments: [
            // A setting within a section, whose error is the section's.
            ("data.split.train=0.5", "1:18", "must sum to 1", "10:10: note: 'data.split'"),
            ("network.layers.lstm1.activation=softmax", "1:33", "cannot be softmax", "13:12: note"),
            // A setting of a layer, whose error is the layer's.
            ("network.layers.next.units=5", "1:27", "has 5 units", "16:5: note"),
            ("network.layers.next.loss=mse", "1:26", "compares numbers", "16:5: note"),
            ("network.layers.next.type=dense", "1:26", "no output", "16:5: note"),
            ("network.layers.lstm1.type=dense", "1:27", "needs real numbers", "13:5: note"),
            // A setting of one layer, whose error is noticed at another.
            ("network.layers.lstm2.from=lstm1", "1:27", "'drop' is never used", "14:5: note"),
            // A setting that contradicts another one.
            ("data.sequence_length=4", "1:22", "truncate_bptt is 5", "19:18: note"),
            ("data.batch_size=1000", "1:17", "too little text", "5:1: note: 'data'"),
        ])
    func sectionsAndLayersWithOverridesAreShownAtTheOverride(
        override: String, place: String, message: String, note: String
    ) throws {
        let result = try Self.failure([override])
        #expect(result.code != 0 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("--set:\(place): error: "), "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.errors.contains("net.yaml:\(note)"), "\(result.errors)")
    }

    @Test(arguments: ["check", "run"])
    func moreThanAnyMemoryIsShownAtTheSizeThatWasOverridden(verb: String) throws {
        let wide = Workspace.config(path: "long.txt")
            .replacingOccurrences(of: "lstm1: {type: lstm, units: 8}", with: "lstm1: lstm")
            .replacingOccurrences(of: "dropout, rate: 0.2", with: "dense, units: 500_000")
            .replacingOccurrences(of: "length: 10", with: "length: 1")
            .replacingOccurrences(of: "truncate_bptt: 5", with: "truncate_bptt: 1")
        try Workspace.with { workspace in
            try workspace.write(
                "long.txt", String(repeating: "the cat sat on a mat\n", count: 40_000))
            try workspace.write("net.yaml", wide)
            for (override, place) in [
                ("network.layers.lstm1.units=9_000_000", "1:28"),
                ("network.defaults.units=9_000_000", "1:24"),
                ("data.batch_size=300_000", "1:17"),
            ] {
                let result = try Netrun.run(
                    verb, "net.yaml", "--set", override, "--set", "seed=3", in: workspace.folder)
                #expect(result.code == 78, "\(override): \(result.errors)")
                #expect(result.errors.hasPrefix("--set:\(place): error: "), "\(result.errors)")
                #expect(!result.errors.contains("--set:2"), "\(result.errors)")
            }
        }
    }

    @Test(
        arguments: [
            ("data.path.1=texx.txt", "1:13", 66, "did you mean 'text.txt'?"),
            ("data.path.2=x", "1:11", 78, "is a list of 2"),
            ("data.path.1=", "1:13", 78, "expected text"),
        ])
    func elementsOfListsAreShownAtTheOverride(
        override: String, place: String, code: Int32, message: String
    ) throws {
        let result = try Self.failure([override], of: Self.list)
        #expect(result.code == code, "\(result.errors)")
        #expect(result.errors.hasPrefix("--set:\(place): error: "), "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test func indexIntoWhatIsNoListIsRefused() throws {
        let result = try Self.failure(["data.path.0=x"])
        #expect(result.code == 78)
        #expect(
            result.errors.hasPrefix("--set:1:11: error: 'data.path' is 'text.txt', not a list"))
    }

    @Test func everyOverrideThatTakesPartIsNamed() throws {
        let result = try Self.failure([
            "training.epochs=1", "data.split.test=0.5", "data.split.train=0.3",
        ])
        #expect(result.errors.hasPrefix("--set:3:18: error: train, validation"), "\(result.errors)")
        #expect(result.errors.contains("--set:2:17: note: "), "\(result.errors)")
        #expect(!result.errors.contains("--set:1"), "\(result.errors)")
    }

    @Test func overridesThatHaveNothingToDoWithItStayOut() throws {
        let wrong = Workspace.config()
            .replacingOccurrences(of: "rate: 0.2", with: "rade: 0.2, rate: 0.1")
        for override in ["training.epochs=1", "network.layers.drop.rate=0.3"] {
            let result = try Self.failure([override], of: wrong)
            #expect(result.errors.hasPrefix("net.yaml:14:27: error: "), "\(result.errors)")
            #expect(!result.errors.contains("--set"), "\(result.errors)")
        }
    }

    @Test func overridesThatCannotCauseAMistakeOfWiringStayOut() throws {
        let wrong = Workspace.config()
            .replacingOccurrences(of: "rate: 0.2", with: "rate: 0.2, from: input")
        for override in ["training.epochs=1", "network.layers.drop.rate=0.3"] {
            let result = try Self.failure([override], of: wrong)
            // The layer before is no longer read.
            #expect(result.errors.hasPrefix("net.yaml:13:5: error: "), "\(result.errors)")
            #expect(!result.errors.contains("--set"), "\(result.errors)")
        }
    }
}
