import Foundation
import StrataSchema
import StrataYAML
import Testing

@Suite struct ExtendsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func mappingsMergeAndEverythingElseIsReplaced() throws {
        try folder.write("base.yaml", "name: base\nseed: 1\ndata: {path: [a, b], size: 3}\n")
        let path = try folder.write(
            "own.yaml", "extends: base.yaml\nname: own\ndata: {path: [c]}\nnew: {x: 1}\n")
        let document = try YAML.load(path: path)
        #expect(
            document.root.flat
                == "{name: own, seed: 1, data: {path: [c], size: 3}, new: {x: 1}}")
    }

    @Test func everyValueKeepsItsOrigin() throws {
        let base = try folder.write("sub/base.yaml", "seed: 1\ndata: {size: 3, path: a}\n")
        let path = try folder.write("own.yaml", "extends: sub/base.yaml\ndata: {path: b}\n")
        let document = try YAML.load(path: path)
        let size = try #require(document.root.at("data.size")?.location)
        #expect(size.file == base)
        #expect(size.place == [2, 14, 1])
        #expect(document.root.at("data.path")?.location?.file == path)
        #expect(document.root["data"]?.entries?.last?.keyLocation?.file == path)
        #expect(document.texts.line(at: size) == "data: {size: 3, path: a}")
    }

    @Test func bareTypeOfTheBaseTakesSettings() throws {
        try folder.write("base.yaml", "a: adam\nb: '5'\nc: 5\nd:\n")
        let path = try folder.write(
            "own.yaml", "extends: base.yaml\na: {x: 1}\nb: {x: 1}\nc: {x: 1}\nd: {x: 1}\n")
        #expect(
            try YAML.load(path: path).root.flat
                == "{a: {type: adam, x: 1}, b: {type: \"5\", x: 1}, c: {x: 1}, d: {x: 1}}")
    }

    /// What a mapping's present type does not know was written for another one.
    private func foreignKeys(_ node: ConfigNode?) -> [String] {
        (node?.entries ?? []).filter(\.isOfOtherType).map(\.key)
    }

    @Test func changedTypeMarksTheOldSettingsHereAndInOverrides() throws {
        let base = "a: {type: sgd, rate: 1, momentum: 0.9}\n"
        try folder.write("base.yaml", base)
        let merged = try YAML.load(
            path: folder.write("own.yaml", "extends: base.yaml\na: {type: adam, rate: 2}\n"))
        #expect(merged.root.flat == "{a: {type: adam, rate: 2, momentum: 0.9}}")
        #expect(foreignKeys(merged.root["a"]) == ["momentum"])
        let overridden = try YAML.load(
            path: folder.path + "/base.yaml", overrides: ["a.type=adam", "a.rate=2"])
        #expect(overridden.root.flat == merged.root.flat)
        #expect(foreignKeys(overridden.root["a"]) == ["momentum"])
        let same = try YAML.load(
            path: folder.path + "/base.yaml", overrides: ["a.type=sgd", "a.rate=2"])
        #expect(foreignKeys(same.root["a"]) == [])
    }

    @Test func anotherTypeKeepsTheSettingsOfTheOldOne() throws {
        try folder.write(
            "base.yaml",
            "a: {type: sgd, momentum: 0.9}\nb: {type: adam, beta1: 0.9}\nc: adam\nd: {type: x, e: 1}\n"
        )
        let path = try folder.write(
            "own.yaml",
            """
            extends: base.yaml
            a: {type: adam, beta1: 0.8}
            b: {type: adam, beta2: 0.7}
            c: {type: sgd}
            d: adam
            """)
        #expect(
            try YAML.load(path: path).root.flat
                == "{a: {type: adam, momentum: 0.9, beta1: 0.8}, "
                + "b: {type: adam, beta1: 0.9, beta2: 0.7}, "
                + "c: {type: sgd}, d: {type: adam, e: 1}}")
    }

    @Test func bareTypeKeepsTheSettingsOfAMapping() throws {
        try folder.write("base.yaml", "a: {type: sgd, rate: 1}\nb: {rate: 1}\nc: {type: sgd}\n")
        let merged = try YAML.load(
            path: folder.write("own.yaml", "extends: base.yaml\na: adam\nb: adam\nc:\n"))
        #expect(merged.root.flat == "{a: {type: adam, rate: 1}, b: adam, c: }")
        #expect(foreignKeys(merged.root["a"]) == ["rate"])
        let same = try YAML.load(
            path: folder.write("same.yaml", "extends: base.yaml\na: sgd\n"))
        #expect(same.root.at("a")?.flat == "{type: sgd, rate: 1}")
        #expect(foreignKeys(same.root["a"]) == [])
        let given = try YAML.load(path: folder.path + "/base.yaml", overrides: ["a=sgd"])
        #expect(given.root.at("a")?.flat == "sgd")
    }

    @Test func laterBasesWinOverEarlierOnes() throws {
        try folder.write("a.yaml", "x: 1\ny: 1\nz: 1\n")
        try folder.write("b.yaml", "y: 2\nz: 2\n")
        let path = try folder.write("own.yaml", "z: 3\nextends: [a.yaml, b.yaml]\n")
        #expect(try YAML.load(path: path).root.flat == "{x: 1, y: 2, z: 3}")
    }

    @Test func onlyTheTopLevelExtends() throws {
        let path = try folder.write("own.yaml", "a: {extends: b.yaml}\n")
        #expect(try YAML.load(path: path).root.flat == "{a: {extends: b.yaml}}")
    }

    @Test func sharedBaseIsNoCycle() throws {
        try folder.write("root.yaml", "r: 1\n")
        try folder.write("a.yaml", "extends: root.yaml\na: 1\n")
        try folder.write("b.yaml", "extends: root.yaml\nb: 1\n")
        let path = try folder.write("own.yaml", "extends: [a.yaml, b.yaml]\n")
        #expect(try YAML.load(path: path).root.flat == "{r: 1, a: 1, b: 1}")
    }

    @Test func cycleNamesTheChain() throws {
        let a = try folder.write("a.yaml", "extends: b.yaml\n")
        let b = try folder.write("b.yaml", "x: 1\nextends: ./a.yaml\n")
        let found = try #require(mistakes(loading: a).first)
        #expect(found.code == .conflict)
        #expect(found.message == "files extend each other in a circle: \(a) → \(b) → \(a)")
        #expect(found.location?.file == b)
        #expect(found.location?.place == [2, 10, 8])
    }

    @Test func fileThatExtendsItselfIsACycle() throws {
        let path = try folder.write("a.yaml", "extends: a.yaml\n")
        #expect(mistakes(loading: path).map(\.code) == [.conflict])
    }

    @Test func chainsEndAtSixteenFiles() throws {
        for index in 0..<20 {
            try folder.write("f\(index).yaml", "extends: f\(index + 1).yaml\nx\(index): 1\n")
        }
        try folder.write("f20.yaml", "x20: 1\n")
        #expect(mistakes(loading: folder.path + "/f4.yaml").map(\.code) == [.limit])
        #expect(mistakes(loading: folder.path + "/f5.yaml").isEmpty)
    }

    @Test func doublingChainsReadABoundedNumberOfFiles() throws {
        for index in 0..<15 {
            let next = "f\(index + 1).yaml"
            try folder.write("f\(index).yaml", "extends: [\(next), \(next)]\n")
        }
        try folder.write("f15.yaml", "x: 1\n")
        let found = mistakes(loading: folder.path + "/f0.yaml")
        #expect(found.first?.message == "more than 100 files extend each other")
    }

    @Test func missingBaseIsShownWhereItIsNamed() throws {
        let path = try folder.write("own.yaml", "a: 1\nextends: bsae.yaml\n")
        try folder.write("base.yaml", "a: 2\n")
        do throws(ConfigurationError) {
            _ = try YAML.load(path: path)
            Issue.record("a missing base was accepted")
        } catch {
            #expect(
                error.description == """
                    \(path):2:10: error: there is no file '\(folder.path)/bsae.yaml'
                        extends: bsae.yaml
                                 ^~~~~~~~~ did you mean '\(folder.path)/base.yaml'?
                    """)
        }
    }

    @Test func mistakeInABaseNotesWhoNamedIt() throws {
        let base = try folder.write("base.yaml", "a: 1\na: 2\n")
        let path = try folder.write("own.yaml", "extends: base.yaml\n")
        let found = try #require(mistakes(loading: path).first)
        #expect(found.location?.file == base)
        #expect(found.notes.last?.message == "the file is named here")
        #expect(found.notes.last?.location?.file == path)
    }

    @Test(arguments: ["extends: {a: 1}", "extends:", "extends: [[a]]", "extends: ''"])
    func extendsMustNameFiles(text: String) throws {
        let path = try folder.write("own.yaml", text)
        #expect(mistakes(loading: path).map(\.code) == [.typeMismatch])
    }

    @Test func standardInputIsForTheCommandLine() throws {
        let path = try folder.write("own.yaml", "extends: '-'")
        #expect(mistakes(loading: path).map(\.code) == [.file])
    }
}
