import Foundation
import StrataSchema
import StrataYAML

/// A folder that is removed when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("strata-yaml-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return path + "/" + name
    }
}

/// What is wrong with a text.
func mistakes(in text: String, limits: YAMLLimits = .standard) -> [Diagnostic] {
    mistakes(in: Array(text.utf8), limits: limits)
}

/// What is wrong with the bytes of a file.
func mistakes(in bytes: [UInt8], limits: YAMLLimits = .standard) -> [Diagnostic] {
    do throws(ConfigurationError) {
        _ = try YAML.parse(bytes: bytes, file: "f.yaml", limits: limits)
        return []
    } catch {
        return error.diagnostics
    }
}

/// What is wrong with a file and its overrides.
func mistakes(
    loading path: String, overrides: [String] = [], limits: YAMLLimits = .standard
) -> [Diagnostic] {
    do throws(ConfigurationError) {
        _ = try YAML.load(path: path, overrides: overrides, limits: limits)
        return []
    } catch {
        return error.diagnostics
    }
}

extension SourceLocation {
    /// Line, column and length, for short comparisons.
    var place: [Int] { [line, column, length] }
}

extension ConfigNode {
    /// The node at a path of keys and indices.
    func at(_ path: String) -> ConfigNode? {
        var node: ConfigNode? = self
        for part in path.split(separator: ".") {
            if let elements = node?.elements {
                node = Int(part).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            } else {
                node = node?[String(part)]
            }
        }
        return node
    }

    /// The node on one line, for comparisons: `{a: 1, b: [x, "y"]}`.
    var flat: String {
        switch content {
        case .scalar(let text, let isPlain): isPlain ? text : "\"\(text)\""
        case .sequence(let elements): "[" + elements.map(\.flat).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\($0.key): \($0.value.flat)" }.joined(separator: ", ") + "}"
        }
    }
}
