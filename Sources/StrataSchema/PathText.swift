/// Paths as texts, split without asking the file system.
package enum PathText {
    /// The folder and the last part of a path; the folder is empty for a bare name.
    ///
    /// Slashes at the end do not count: `runs/a/` is `a` in `runs`, `/` is `/` in no folder.
    package static func split(_ path: String) -> (folder: String, name: String) {
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard bytes.count > 1, let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else {
            return ("", String(decoding: bytes, as: UTF8.self))
        }
        let folder = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
        return (folder, String(decoding: bytes[(slash + 1)...], as: UTF8.self))
    }

    /// A path that a file names, as one from where the file's own path starts.
    package static func resolve(_ path: String, from file: String) -> String {
        let folder = split(file).folder
        if folder.isEmpty || isAbsolute(path) { return path }
        return folder == "/" ? folder + path : folder + "/" + path
    }

    /// Whether a path starts at the root of all folders.
    package static func isAbsolute(_ path: String) -> Bool {
        path.utf8.first == UInt8(ascii: "/")
    }

    /// The parts between slashes.
    ///
    /// Bytes are looked at, for a mark may stand behind a slash and make one character with it.
    package static func parts(of path: String) -> [Substring] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
    }

    /// The path without `./`, and without `x/../` where x is no link.
    ///
    /// - Parameter isLink: whether a path leads to a link, behind which `..` is another folder.
    package static func normalized(_ path: String, isLink: (String) -> Bool) -> String {
        let root = isAbsolute(path) ? "/" : ""
        var parts: [Substring] = []
        for part in Self.parts(of: path) where part != "." {
            let isUndone =
                part == ".." && parts.last.map { $0 != ".." } == true
                && !isLink(root + parts.joined(separator: "/"))
            if isUndone { parts.removeLast() } else { parts.append(part) }
        }
        return root + parts.joined(separator: "/")
    }
}
