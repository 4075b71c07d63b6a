import StrataSchema
import Testing

@Suite struct PathTextTests {
    @Test(arguments: [
        ("a", "", "a"), (".", "", "."), ("é", "", "é"), ("/", "", "/"), ("", "", ""),
        ("a/", "", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("../a/b//", "../a", "b"),
    ])
    func splitTakesTheLastPart(path: String, folder: String, name: String) {
        let parts = PathText.split(path)
        #expect(parts.folder == folder && parts.name == name)
    }

    @Test(arguments: [
        ("/a/b/../c/*.txt", "/a/c/*.txt"), ("a/./b", "a/b"), ("../../a", "../../a"), ("/", "/"),
        ("/a/..", "/"),
    ])
    func normalizedUndoesSteps(path: String, result: String) {
        #expect(PathText.normalized(path) { _ in false } == result)
    }

    @Test func normalizedKeepsStepsBehindALink() {
        let path = PathText.normalized("/a/link/../b/../c") { $0 == "/a/link" }
        #expect(path == "/a/link/../c")
    }

    @Test(arguments: [
        ("b", "a.yaml", "b"), ("b", "x/a.yaml", "x/b"), ("b", "/a.yaml", "/b"),
        ("/b", "x/a.yaml", "/b"), ("../b", "x/a.yaml", "x/../b"),
        ("\u{301}b", "x/a.yaml", "x/\u{301}b"), ("b", "x/\u{301}a.yaml", "x/b"),
    ])
    func resolveStartsWhereTheFileStands(path: String, file: String, result: String) {
        #expect(PathText.resolve(path, from: file) == result)
    }
}
