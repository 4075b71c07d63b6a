import StrataSchema
import StrataYAML
import Testing

@Suite struct OverrideTests {
    let folder: TemporaryFolder
    let path: String

    static let text = """
        name: base
        layers: [{units: 1}, {units: 2}]
        training:
          epochs: 3
          optimizer: adam
          clip:
        """

    init() throws {
        folder = try TemporaryFolder()
        path = try folder.write("base.yaml", Self.text)
    }

    @Test(arguments: [
        ("name=own", "name", "own"),
        ("name = own", "name", "own"),
        ("name=a=b", "name", "a=b"),
        ("name='5'", "name", "\"5\""),
        ("name=", "name", ""),
        ("name=-1", "name", "-1"),
        ("name=--help", "name", "--help"),
        (" training . epochs =1", "training.epochs", "1"),
        ("layers.1.units=7", "layers", "[{units: 1}, {units: 7}]"),
        ("layers.0={units: 9, type: lstm}", "layers.0", "{units: 9, type: lstm}"),
        ("layers=[a, b]", "layers", "[a, b]"),
        ("training.clip.norm=5", "training.clip", "{norm: 5}"),
        ("training.new.deep.key=x", "training.new", "{deep: {key: x}}"),
        (
            "training.optimizer.learning_rate=1", "training.optimizer",
            "{type: adam, learning_rate: 1}"
        ),
        ("training.optimizer.type=sgd", "training.optimizer", "{type: sgd}"),
        ("training.optimizer={type: sgd}", "training.optimizer", "{type: sgd}"),
    ])
    func overrideSetsItsValue(argument: String, target: String, expected: String) throws {
        let root = try YAML.load(path: path, overrides: [argument]).root
        #expect(root.at(target)?.flat == expected)
    }

    @Test func laterOverridesWin() throws {
        let root = try YAML.load(path: path, overrides: ["name=a", "x.y=1", "name=b"]).root
        #expect(root["name"]?.text == "b")
        #expect(root.at("x.y")?.text == "1")
    }

    @Test func everythingElseStaysAsItWas() throws {
        let root = try YAML.load(path: path, overrides: ["training.epochs=4"]).root
        #expect(
            root.flat
                == "{name: base, layers: [{units: 1}, {units: 2}], "
                + "training: {epochs: 4, optimizer: adam, clip: }}")
        #expect(root.at("training.optimizer")?.location?.place == [5, 14, 4])
        #expect(root["training"]?.entries?[0].keyLocation?.place == [1, 10, 6])
    }

    @Test func nthOverrideIsLineNOfItsText() throws {
        let document = try YAML.load(
            path: path, overrides: ["name=é", "training.optimizer={type: sgd, momentum: [0.9]}"])
        let place = try #require(document.root.at("training.optimizer.momentum.0")?.location)
        #expect(place == SourceLocation(file: "--set", line: 2, column: 43, length: 3))
        #expect(
            document.texts.line(at: place) == "training.optimizer={type: sgd, momentum: [0.9]}")
        let key = document.root.at("training.optimizer")?.entries?[1].keyLocation
        #expect(key?.place == [2, 32, 8])
    }

    @Test(
        arguments: [
            ("name", "there is no '=' in this override", [1, 1, 4]),
            ("=5", "a part of the setting's path is empty", [1, 1, 1]),
            ("a..b=5", "a part of the setting's path is empty", [1, 3, 1]),
            ("a.=5", "a part of the setting's path is empty", [1, 3, 1]),
            ("name=#x", "this value is only a comment", [1, 6, 2]),
            ("name=a\nb", "an override is one line", [1, 1, 8]),
            ("name=[1", "did not find expected ',' or ']'", [1, 8, 1]),
            ("name=@x", "this character cannot begin a value", [1, 6, 1]),
            ("name={a: 1, a: 2}", "'a' is set twice", [1, 13, 1]),
            ("extends=b.yaml", "only a file can say 'extends'", [1, 1, 7]),
            (
                "training.epochs.x=1", "'training.epochs' is '3', which has no settings of its own",
                [1, 17, 1]
            ),
            ("layers.2.units=1", "'layers' is a list of 2", [1, 8, 1]),
            ("layers.-1.units=1", "'layers' is a list of 2", [1, 8, 2]),
            (
                "name.99999999999999999999=x", "'name' is 'base', not a list", [1, 6, 20]
            ),
            ("layers.first=1", "'layers' is a list of 2", [1, 8, 5]),
        ] as [(String, String, [Int])])
    func malformedOverrideIsShown(argument: String, message: String, place: [Int]) throws {
        let found = mistakes(loading: path, overrides: [argument])
        #expect(found.count == 1)
        #expect(found.first?.message == message)
        #expect(found.first?.location?.place == place)
        #expect(found.first?.location?.file == "--set")
    }

    @Test func allBadOverridesAreReportedWithCarets() throws {
        do throws(ConfigurationError) {
            _ = try YAML.load(path: path, overrides: ["a", "name=x", "b..c=1"])
            Issue.record("bad overrides were accepted")
        } catch {
            #expect(
                error.description == """
                    --set:1:1: error: there is no '=' in this override
                        a
                        ^ write path.to.setting=value
                    --set:3:3: error: a part of the setting's path is empty
                        b..c=1
                          ^ write path.to.setting=value
                    """)
        }
    }

    @Test func endlessPathIsRefused() {
        let argument = Array(repeating: "a", count: 10_000).joined(separator: ".") + "=1"
        #expect(mistakes(loading: path, overrides: [argument]).map(\.code) == [.limit])
    }
}
