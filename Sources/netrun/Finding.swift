import StrataFormats
import StrataSchema

/// One thing that is wrong, as `--json` tells it: every finding has all the keys.
struct Finding {
    var code: String
    var message: String
    var path: [String] = []
    var file: String?
    var location: SourceLocation?
    var hint: String?
    var notes: [Diagnostic.Note] = []

    /// - Parameter code: another name of the kind of mistake than the diagnostic's own.
    init(_ diagnostic: Diagnostic, code: String? = nil) {
        self.code = code ?? diagnostic.code.rawValue
        message = diagnostic.message
        path = diagnostic.path
        location = diagnostic.location
        hint = diagnostic.hint
        notes = diagnostic.notes
    }

    init(_ error: FormatError) {
        code = "file"
        message = error.message
        file = error.path
        hint = error.hint
    }

    var record: ConfigValue {
        .map(
            Self.place(location, file: file) + [
                .init("code", .string(code)), .init("message", .string(message)),
                .init("hint", hint.config),
                .init("path", path.isEmpty ? .null : .string(path.dotted)),
                .init(
                    "notes",
                    .list(
                        notes.map {
                            .map(
                                Self.place($0.location, file: nil)
                                    + [.init("message", .string($0.message))])
                        })),
            ])
    }

    private static func place(_ location: SourceLocation?, file: String?) -> [ConfigValue.Pair] {
        [
            .init("file", (location?.file ?? file).config),
            .init("line", (location?.line).config), .init("column", (location?.column).config),
            .init("length", (location?.length).config),
        ]
    }
}
