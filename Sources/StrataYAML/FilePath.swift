/// Paths as text, so that messages show them as the user wrote them.
enum FilePath {
    /// The folder with its final slash, or nothing for a bare name.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }

    /// A path that a file names, relative to that file.
    static func resolve(_ path: String, from file: String) -> String {
        path.hasPrefix("/") ? path : folder(of: file) + path
    }
}
