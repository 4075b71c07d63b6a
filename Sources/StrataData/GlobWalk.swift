/// Walks the folders below a pattern's base and collects the files that match.
///
/// Each folder is listed once, with all positions of the pattern that it can stand at, so that
/// several `**` do not multiply the work.
struct GlobWalk {
    private struct Visit {
        /// The folder's name relative to where the pattern starts, with a final slash, or empty.
        let name: String
        let positions: [Int]
    }

    private let pattern: GlobPattern
    private let folder: String
    private let limits: ReadLimits
    private var pending: [Visit] = []
    private var looked = 0

    /// The files found, in no particular order.
    private(set) var files: [FoundFile] = []
    /// A folder that the whole pattern matched, for the message where no file did.
    private(set) var matchedFolder: String?

    init(_ pattern: GlobPattern, folder: String, limits: ReadLimits) {
        self.pattern = pattern
        self.folder = folder
        self.limits = limits
    }

    mutating func run() throws(DataError) {
        let base = pattern.base
        let start = base.isEmpty || base.hasSuffix("/") ? base : base + "/"
        pending = [Visit(name: start, positions: pattern.closure(of: [0]))]
        while let visit = pending.popLast() { try list(visit) }
    }

    private mutating func list(_ visit: Visit) throws(DataError) {
        let path = FileFinder.join(folder, visit.name.isEmpty ? "." : visit.name)
        do throws(ListingError<DataError>) {
            try FolderListing.forEachName(in: path) { name throws(DataError) in
                try consider(name, in: visit)
            }
        } catch {
            switch error {
            case .body(let error): throw error
            case .system(let error):
                // A folder that vanishes during the walk holds nothing any more.
                if error.isMissing { return }
                throw DataError(error.kind, "cannot list the folder: \(error.reason)", path: path)
            }
        }
    }

    private mutating func consider(
        _ name: UnsafeBufferPointer<UInt8>, in visit: Visit
    ) throws(DataError) {
        looked += 1
        guard looked <= limits.entries else {
            throw DataError(
                .tooLarge, "the pattern looks at more than \(limits.entries) files and folders",
                path: FileFinder.join(folder, pattern.base), hint: "name a smaller folder")
        }
        let isHidden = name.first == UInt8(ascii: ".")
        var matchesAll = false
        var entered: [Int] = []
        var deeper: [Int] = []
        for position in visit.positions where position < pattern.parts.count {
            switch pattern.parts[position] {
            case .anyFolders:
                if !isHidden { deeper.append(position) }
            case .name(let part):
                guard GlobPattern.matches(name, part) else { continue }
                if position == pattern.parts.count - 1 {
                    matchesAll = true
                } else {
                    entered.append(position + 1)
                }
            }
        }
        guard matchesAll || !entered.isEmpty || !deeper.isEmpty else { return }
        try take(name, in: visit, matchesAll: matchesAll, entered: entered, deeper: deeper)
    }

    private mutating func take(
        _ bytes: UnsafeBufferPointer<UInt8>, in visit: Visit, matchesAll: Bool, entered: [Int],
        deeper: [Int]
    ) throws(DataError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let path = Array(FileFinder.join(folder, visit.name).utf8) + bytes
            let kind = (try? FileStatus(ofBytes: path))?.kind
            // To the pattern it matters only as what it would be taken for.
            guard kind == .folder ? !(entered + deeper).isEmpty : matchesAll else { return }
            throw DataError(
                .unreadable, "the name is not UTF-8", path: String(decoding: path, as: UTF8.self),
                hint: "rename that file or folder")
        }
        let name = visit.name + text
        let path = FileFinder.join(folder, name)
        // What vanished since it was listed, and links that lead nowhere, are passed over.
        guard let own = try? FileStatus(of: path, followingLinks: false),
            let status = own.kind == .link
                ? try? FileStatus(of: path, followingLinks: true) : own
        else { return }
        switch status.kind {
        case .file where matchesAll:
            files.append(FoundFile(name: name, path: path, status: status))
            try FileFinder.check(count: files.count, limits)
        case .folder:
            if matchesAll { matchedFolder = name }
            // Only names lead through linked folders, so no loop of links can trap `**`.
            let positions = pattern.closure(of: own.kind == .link ? entered : entered + deeper)
            if !positions.isEmpty {
                pending.append(Visit(name: name + "/", positions: positions))
            }
        default: break
        }
    }
}
