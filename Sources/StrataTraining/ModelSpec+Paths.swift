import Foundation
import StrataData
import StrataSchema

extension ModelSpec {
    /// The node with the paths of its data relative to the working folder instead of to the file
    /// that each stands in.
    ///
    /// A path given after `--set`, or in a text without a file, is relative to the working folder
    /// already.
    static func rebasingPaths(_ root: ConfigNode) -> ConfigNode {
        root.mapping("data") { $0.mapping("path", rebased) }
    }

    private static func rebased(_ node: ConfigNode) -> ConfigNode {
        var node = node
        switch node.content {
        case .sequence(let elements):
            node.content = .sequence(elements.map(rebased))
        case .scalar(let path, _) where !path.isEmpty && !node.isNull:
            let file = node.location?.file ?? ""
            if !["", "-", SourceLocation.overrides].contains(file),
                PathText.split(file).folder != "."
            {
                node.content = .scalar(PathText.resolve(path, from: file), isPlain: false)
            }
        case .scalar, .mapping: break
        }
        return node
    }

    /// The spec with absolute paths, which mean the same from any folder.
    package func resolvingPaths() -> ModelSpec {
        var spec = self
        let working = FileManager.default.currentDirectoryPath
        spec.data?.source.resolvePaths { path in
            let absolute = PathText.isAbsolute(path) ? path : working + "/" + path
            return PathText.normalized(absolute) { path in
                var info = stat()
                return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
            }
        }
        return spec
    }
}

extension ConfigNode {
    /// The node with one value of its mapping replaced.
    fileprivate func mapping(_ key: String, _ transform: (ConfigNode) -> ConfigNode) -> ConfigNode {
        guard let entries else { return self }
        var node = self
        node.content = .mapping(
            entries.map { entry in
                guard entry.key == key else { return entry }
                var entry = entry
                entry.value = transform(entry.value)
                return entry
            })
        return node
    }
}
