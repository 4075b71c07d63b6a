import Foundation
import StrataFormats
import Testing

/// What lies at a path when it is no plain readable file.
@Suite struct FileTests {
    @Test func missingFilesFoldersAndPipesAreToldApart() throws {
        try withTemporaryFolder { folder in
            func error(_ path: String) -> FormatError? {
                formatError { _ = try Safetensors(reading: path) }
            }
            #expect(error(folder + "/none")?.kind == .missing)
            #expect(error(folder + "/none")?.path == folder + "/none")
            #expect(error("")?.category == .missing)
            #expect(error(folder)?.category == .missing)
            #expect(error(folder)?.message.contains("folder") == true)
            try write("x", to: folder + "/file")
            #expect(error(folder + "/file/inner")?.kind == .missing)
            #expect(error(folder + "/file\0rest")?.category == .missing)
            #expect(error("/dev/zero")?.category == .missing)
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            #expect(error(folder + "/pipe")?.category == .missing)
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/dangling", withDestinationPath: folder + "/none")
            #expect(error(folder + "/dangling")?.kind == .missing)
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/circle", withDestinationPath: folder + "/circle")
            #expect(error(folder + "/circle")?.category == .missing)
        }
    }

    @Test func filesLargerThanMemoryAreRefusedUnread() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try sample(1).write(to: path)
            let error = formatError {
                _ = try Safetensors(reading: path, layer: SystemFileLayer(), memoryLimit: 15)
            }
            #expect(error?.kind == .tooLarge)
            // A sparse file takes no space, but its size would.
            let header = #"{"a":{"dtype":"U8","shape":[1125899906842624],"data_offsets":"#
            let head = file(header: header + "[0,1125899906842624]}}")
            try write(head, to: path)
            guard truncate(path, (1 << 50) + off_t(head.count)) == 0 else { return }
            #expect(formatError { _ = try Safetensors(reading: path) }?.kind == .tooLarge)
        }
    }

    @Test func readingFailuresAreErrorsOfTheFile() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try sample(1).write(to: path)
            let count = try forEveryFailure(.error(EIO), lasts: false) { layer in
                _ = try Safetensors(reading: path, layer: layer)
            } check: { error in
                guard let error = error as? FormatError else { return }
                #expect(error.kind == .unreadable(errno: EIO))
                #expect(error.category == .io)
                #expect(error.path == path)
            }
            #expect(count >= 5)
        }
    }

    @Test func pathsAreTriedWithoutLeavingATrace() throws {
        try withTemporaryFolder { folder in
            try write("old", to: folder + "/file")
            try AtomicFile.checkWritable(folder + "/file")
            try AtomicFile.checkWritable(folder + "/new")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
            #expect(try bytes(of: folder + "/file") == Array("old".utf8))
            for path in ["", folder, folder + "/new/", folder + "/none/a", "/dev/null"] {
                let error = formatError { try AtomicFile.checkWritable(path) }
                #expect(error?.category == .cannotCreate && error?.path == path)
                // Writing says the same.
                #expect(formatError { try AtomicFile.write("x", to: path) } == error)
            }
        }
    }

    @Test func placesThatCannotBeWrittenAreToldApart() throws {
        try withTemporaryFolder { folder in
            func error(_ path: String) -> FormatError? {
                formatError { try sample(1).write(to: path) }
            }
            #expect(error(folder)?.category == .cannotCreate)
            #expect(error(folder + "/none/a")?.kind == .cannotCreate(errno: ENOENT))
            try write("x", to: folder + "/file")
            #expect(error(folder + "/file/a")?.category == .cannotCreate)
            #expect(
                error(folder + "/" + String(repeating: "n", count: 300))?.category == .cannotCreate)
            #expect(error(folder + "/a\0b")?.category == .cannotCreate)
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            #expect(error(folder + "/pipe")?.category == .cannotCreate)
            #expect(error("")?.category == .cannotCreate)
            #expect(try names(in: folder) == ["file", "pipe"])
        }
    }

    @Test func codesFallIntoTheRightCategory() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            // Operation 1 looks at the target, 2 makes the file, 3 writes.
            for code in [EROFS, EACCES, EPERM] {
                let layer = FaultyFileLayer(failing: 2, .error(code))
                let error = formatError { try AtomicFile.write("x", to: path, layer: layer) }
                #expect(error?.kind == .cannotCreate(errno: code))
                #expect(error?.category == .cannotCreate)
            }
            for (code, number) in [(ENOSPC, 2), (ENOSPC, 3), (EDQUOT, 3), (EIO, 4)] {
                let layer = FaultyFileLayer(failing: number, .error(code))
                let error = formatError { try AtomicFile.write("x", to: path, layer: layer) }
                #expect(error?.kind == .writeFailed(errno: code))
                #expect(error?.category == .io)
                #expect(error?.path == path)
            }
        }
    }

    @Test func aLinkIsReplacedAndItsTargetUntouched() throws {
        try withTemporaryFolder { folder in
            try write("outside", to: folder + "/target")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: folder + "/target")
            try AtomicFile.write("inside", to: folder + "/link")
            #expect(try bytes(of: folder + "/target") == Array("outside".utf8))
            #expect(try bytes(of: folder + "/link") == Array("inside".utf8))
        }
    }

    @Test(arguments: [
        ("a/b/c", "a/b"), ("c", "."), ("/c", "/"), ("a/b/", "a"), ("//c", "/"), ("a//c", "a"),
        ("/", "/"), ("é/ü", "é"),
    ])
    func folderOfAPathIsWhatHoldsIt(path: String, folder: String) {
        #expect(AtomicFile.folder(of: path) == folder)
    }
}

/// Every operation of a write fails once, or from then on.
@Suite struct AtomicFileTests {
    static let faults: [(FaultyFileLayer.Fault, Bool)] = [
        (.error(EIO), false), (.error(ENOSPC), false), (.error(ENOSPC), true), (.error(EIO), true),
        (.shortWriteThenError(ENOSPC), false), (.shortWriteThenError(ENOSPC), true),
        (.shortWrite, false), (.shortWrite, true),
    ]

    @Test(arguments: faults)
    func aFailedWriteLeavesTheOldOrTheNewFile(fault: FaultyFileLayer.Fault, lasts: Bool) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.safetensors"
            let (old, new) = (try sample(1).encoded(), try sample(2).encoded())
            let count = try forEveryFailure(fault, lasts: lasts) { layer in
                try write(old, to: path)
                try sample(2).write(to: path, layer: layer)
            } check: { error in
                let found = try bytes(of: path)
                #expect(found == new || error != nil && found == old)
                #expect(error == nil || (error as? FormatError)?.path == path)
                if fault == .shortWrite { #expect(error == nil) }
                // Where even removing fails, a leftover remains for the next start.
                if lasts {
                    for name in try temporaryNames(in: folder) {
                        try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
                    }
                }
                #expect(try names(in: folder) == ["a.safetensors"])
            }
            #expect(count >= 8)
        }
    }

    @Test func aFailedFirstWriteLeavesNothing() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            _ = try forEveryFailure(.error(ENOSPC), lasts: false) { layer in
                try? FileManager.default.removeItem(atPath: path)
                try sample(2).write(to: path, layer: layer)
            } check: { _ in
                let found = try names(in: folder)
                #expect(found.isEmpty || found == ["a"])
                if !found.isEmpty { #expect(try Safetensors(reading: path).isVerified) }
            }
        }
    }
}
