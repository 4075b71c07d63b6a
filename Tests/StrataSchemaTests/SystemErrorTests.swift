import Foundation
import StrataSchema
import Testing

struct SystemErrorTests {
    @Test func wrongPathsAreToldFromFailingDevices() {
        for code in [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, EISDIR, ENAMETOOLONG, ENXIO] {
            #expect(Diagnostic.Code(systemError: code) == .file, "\(code)")
        }
        for code in [EMFILE, ENFILE, EIO, ENOMEM, ENOSPC, EFBIG] {
            #expect(Diagnostic.Code(systemError: code) == .device, "\(code)")
        }
    }
}
