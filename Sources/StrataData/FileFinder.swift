import StrataSchema

/// A file that a path or pattern names.
struct FoundFile: Sendable {
    /// The path as the configuration writes it.
    let name: String
    /// The path to open.
    let path: String
    /// What it was when it was found.
    let status: FileStatus
}

/// Finds the files that paths and patterns name.
struct FileFinder {
    /// The folder that relative paths start from; empty: the current folder.
    let folder: String
    let limits: ReadLimits

    /// The files in the order of `paths`, the matches of one pattern sorted by their bytes.
    func files(matching paths: [String]) throws(DataError) -> [FoundFile] {
        var files: [FoundFile] = []
        var seen: Set<FileStatus.Identity> = []
        for path in paths {
            for file in try find(path) where seen.insert(file.status.identity).inserted {
                files.append(file)
            }
            try Self.check(count: files.count, limits)
        }
        return files
    }

    private func find(_ name: String) throws(DataError) -> [FoundFile] {
        let path = Self.join(folder, name)
        let exists = (try? FileStatus(of: path, followingLinks: false)) != nil
        guard GlobPattern.isPattern(name), !exists else { return [try file(name, path)] }
        return try matches(of: name)
    }

    // MARK: One file

    private func file(_ name: String, _ path: String) throws(DataError) -> FoundFile {
        let status: FileStatus
        do { status = try FileStatus(of: path, followingLinks: true) } catch {
            throw failure(error, name, path)
        }
        switch status.kind {
        case .file: return FoundFile(name: name, path: path, status: status)
        case .folder: throw Self.folderError(name, path)
        case .link, .other: throw Self.notOrdinary(path)
        }
    }

    private func failure(_ error: SystemError, _ name: String, _ path: String) -> DataError {
        guard error.isMissing else {
            return DataError(error.kind, "cannot be read: \(error.reason)", path: path)
        }
        let isLink = (try? FileStatus(of: path, followingLinks: false)) != nil
        return DataError(
            .missing, isLink ? "the link leads to no file" : "there is no such file",
            path: path, hint: hint(forMissing: name, path))
    }

    /// The nearest name in the same folder, or where the path starts from.
    private func hint(forMissing name: String, _ path: String) -> String? {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let parent = end.map { String(path[...$0]) } ?? "."
        let last = end.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        var names: [String] = []
        try? FolderListing.forEachName(in: parent) { bytes throws(SystemError) in
            if names.count < 1000 { names.append(String(decoding: bytes, as: UTF8.self)) }
        }
        // A link that leads nowhere has the very name.
        names.removeAll { $0 == last }
        if let nearest = Suggestion.nearest(to: last, among: names.sorted()) {
            return "did you mean '\(nearest)'?"
        }
        if name.split(separator: "/").contains(where: { $0.hasPrefix("~") }) {
            return "'~' is not replaced by the home folder here"
        }
        return startHint(for: name)
    }

    // MARK: Patterns

    private func matches(of name: String) throws(DataError) -> [FoundFile] {
        let pattern = GlobPattern(name)
        guard !name.hasSuffix("/") else {
            throw Self.folderError(name, Self.join(folder, name))
        }
        guard !pattern.stepsBack else {
            throw DataError(
                .invalid, "'..' cannot stand after a wildcard", path: name,
                hint: "list the paths one by one")
        }
        let base = Self.join(folder, pattern.base.isEmpty ? "." : pattern.base)
        guard let status = try? FileStatus(of: base, followingLinks: true) else {
            throw DataError(
                .missing, "no file matches: there is no folder '\(base)'", path: name,
                hint: startHint(for: name))
        }
        guard status.kind == .folder else {
            throw DataError(.missing, "no file matches: '\(base)' is not a folder", path: name)
        }
        var walk = GlobWalk(pattern, folder: folder, limits: limits)
        try walk.run()
        guard !walk.files.isEmpty else { throw noMatch(name, base, walk.matchedFolder) }
        return walk.files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private func noMatch(_ name: String, _ base: String, _ matched: String?) -> DataError {
        let hint =
            if let matched {
                "folders such as '\(matched)' match; write '\(matched)/**' for the files in them"
            } else {
                ["hidden files are passed over", startHint(for: name)]
                    .compactMap { $0 }.joined(separator: "; ")
            }
        return DataError(
            .missing, "no file matches; looked in the folder '\(base)'", path: name, hint: hint)
    }

    // MARK: Shared

    /// The path of `name` when it starts from `folder`.
    static func join(_ folder: String, _ name: String) -> String {
        if folder.isEmpty || folder == "." || PathText.isAbsolute(name) { return name }
        if name == "." { return folder }
        return folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    static func check(count: Int, _ limits: ReadLimits) throws(DataError) {
        guard count > limits.files else { return }
        throw DataError(
            .tooLarge, "the paths name more than \(limits.files) files",
            hint: "narrow the patterns, or join the files into one")
    }

    static func notOrdinary(_ path: String) -> DataError {
        DataError(
            .unreadable, "not an ordinary file but a device, pipe or socket", path: path,
            hint: "write its contents to a file first")
    }

    private static func folderError(_ name: String, _ path: String) -> DataError {
        let folder = name.hasSuffix("/") ? name : name + "/"
        return DataError(
            .unreadable, "this is a folder", path: path,
            hint: "write '\(folder)**' for all files in it, or '\(folder)*.txt'")
    }

    private func startHint(for name: String) -> String? {
        if PathText.isAbsolute(name) { return nil }
        // Where the folder is the current one, the path may have been made relative to it before.
        return folder.isEmpty || folder == "."
            ? "a path in a configuration starts from that file's folder"
            : "paths start from '\(folder)', the folder of the configuration file"
    }
}
