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
        #expect(PathText.normalized(path) == result)
    }
}
