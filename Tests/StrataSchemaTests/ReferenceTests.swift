import StrataSchema
import Testing

@Suite struct ReferenceTests {
    @Test func jsonSchemaOfASmallType() {
        #expect(
            OtherLayer.jsonSchema.json(indentation: 2) == """
                {
                  "type": "object",
                  "description": "Another.",
                  "properties": {
                    "path": {
                      "type": [
                        "string",
                        "number",
                        "boolean"
                      ],
                      "description": "Where it is."
                    },
                    "low": {
                      "type": "integer",
                      "description": "Lower end.",
                      "default": 0
                    },
                    "high": {
                      "type": "integer",
                      "description": "Upper end.",
                      "default": 1
                    }
                  },
                  "additionalProperties": false,
                  "required": [
                    "path"
                  ]
                }
                """)
    }

    @Test func jsonSchemaCarriesRulesAndChoices() {
        let properties = SampleLayer.jsonSchema["properties"]
        #expect(properties?["units"]?["minimum"] == 1)
        #expect(properties?["rate"]?["exclusiveMaximum"] == 1)
        #expect(properties?["mode"]?["enum"] == ["fast", "slow"])
        #expect(properties?["note"]?["default"] == nil)
    }

    @Test func catalogSchemaTakesNamesAndMappings() {
        let shapes = Sample.catalog.jsonSchema(extra: [.init("from", ["type": "string"])])["anyOf"]
        guard case .list(let list) = shapes else {
            Issue.record("no alternatives")
            return
        }
        #expect(list.count == 3)
        #expect(list[0]["enum"] == ["sample", "SampleLayer", "other"])
        #expect(list[1]["properties"]?["type"]?["enum"] == ["sample", "SampleLayer"])
        #expect(list[2]["properties"]?["from"] == ["type": "string"])
    }

    @Test func describedDefaultsAreThoseOfInit() {
        let fields = SampleLayer.describe()
        #expect(fields.map(\.key).prefix(3) == ["units", "rate", "bias"])
        #expect(fields[0].defaultValue == 128)
        #expect(fields[0].rule == "at least 1")
        #expect(fields[6].defaultValue == 5.0)
        #expect(fields[7].defaultValue == .null)
    }

    @Test func tableShowsKeysTypesAndDefaults() {
        #expect(
            MarkdownTable.fields(OtherLayer.describe()) == """
                | setting | type | default | meaning |
                | --- | --- | --- | --- |
                | `path` | text | required | Where it is. |
                | `low` | whole number | `0` | Lower end. |
                | `high` | whole number | `1` | Upper end. |

                """)
        #expect(MarkdownTable.fields([]) == "No settings.\n")
        let nested = FieldDescription(
            "in", "mapping", defaultValue: ["x": 1], jsonSchema: ["type": "object"], doc: "Inner.")
        #expect(
            MarkdownTable.fields([nested]).hasSuffix("| `in` | mapping | see below | Inner. |\n"))
    }

    @Test func jsonEscapesWhatJSONMust() {
        let value = ConfigValue.string("a\"b\\c\n\r\t\u{0}\u{1F}\u{7F}é😀/")
        #expect(value.json() == #""a\"b\\c\n\r\t\u0000\u001f\u007fé😀/""#)
        #expect(ConfigValue.map([.init("k\"", .null)]).json() == #"{"k\"":null}"#)
    }

    @Test func jsonNumbersAreJSON() {
        let value: ConfigValue = [1, 2.5, 1e-7, .double(.nan), .double(.infinity), true, .null]
        #expect(value.json() == "[1,2.5,1e-07,null,null,true,null]")
        #expect(ConfigValue.list([]).json(indentation: 2) == "[]")
        #expect(ConfigValue.map([]).json() == "{}")
    }
}
