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
        case .scalar(let path, _) where !path.isEmpty && !path.hasPrefix("/"):
            let file = node.location?.file ?? ""
            // Foundation takes no parts of an empty path.
            let isFile = !["", "-", SourceLocation.overrides].contains(file)
            let folder = isFile ? PathText.split(file).folder : ""
            if !folder.isEmpty, folder != "." {
                node.content = .scalar(folder + "/" + path, isPlain: false)
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
            let absolute = path.hasPrefix("/") ? path : working + "/" + path
            return PathText.normalized(absolute)
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
