import StrataSchema

/// A path with wildcards, cut at its slashes.
struct GlobPattern {
    /// One part of the pattern between slashes.
    enum Part {
        /// `**`: any number of folders, also none.
        case anyFolders
        /// A name, with or without `*` and `?`.
        case name([UInt8])
    }

    /// The folders before the first part with a wildcard, as written; empty: none.
    let base: String
    /// The parts from the first with a wildcard on.
    let parts: [Part]

    /// Whether a path holds a wildcard.
    static func isPattern(_ path: String) -> Bool {
        path.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    }

    init(_ pattern: String) {
        let names = PathText.parts(of: pattern)
        let fixed = names.prefix { !Self.isPattern(String($0)) }
        let root = PathText.isAbsolute(pattern) ? "/" : ""
        base = root + fixed.joined(separator: "/")
        var parts: [Part] = []
        for name in names.dropFirst(fixed.count) where name != "." {
            // Twice any number of folders is any number.
            if name == "**", case .anyFolders? = parts.last { continue }
            parts.append(name == "**" ? .anyFolders : .name(Array(name.utf8)))
        }
        // A final `**` means the files at any depth.
        if case .anyFolders? = parts.last { parts.append(.name([UInt8(ascii: "*")])) }
        self.parts = parts
    }

    /// Whether a part after the first wildcard is `..`, which has no meaning there.
    var stepsBack: Bool {
        parts.contains { part in
            if case .name(let name) = part { name.elementsEqual("..".utf8) } else { false }
        }
    }

    /// The positions in `parts` that stand for the same place: `**` may stand for no folder.
    func closure(of positions: [Int]) -> [Int] {
        var reached = Set(positions)
        for position in positions {
            var next = position
            while next < parts.count, case .anyFolders = parts[next] {
                next += 1
                reached.insert(next)
            }
        }
        return reached.sorted()
    }

    /// Whether a name fits a part; `*` and `?` never stand for a leading dot.
    static func matches(_ name: UnsafeBufferPointer<UInt8>, _ pattern: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        if name.first == dot, pattern.first != dot { return false }
        var at = 0
        var part = 0
        // Where to go on after the last `*` has taken one byte more.
        var retry: (part: Int, at: Int)?
        while at < name.count {
            if part < pattern.count, pattern[part] == UInt8(ascii: "*") {
                part += 1
                retry = (part, at)
            } else if part < pattern.count, pattern[part] == UInt8(ascii: "?") {
                part += 1
                at += 1
                while at < name.count, name[at] & 0xC0 == 0x80 { at += 1 }
            } else if part < pattern.count, pattern[part] == name[at] {
                part += 1
                at += 1
            } else if let last = retry {
                retry = (last.part, last.at + 1)
                (part, at) = (last.part, last.at + 1)
            } else {
                return false
            }
        }
        return pattern[part...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
