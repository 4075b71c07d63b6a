import Foundation
import StrataSchema
import Synchronization

/// Standard output for products, standard error for messages.
enum Console {
    /// Whether messages go to a terminal that can redraw a line.
    static let isInteractive: Bool = {
        let terminal = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return isatty(STDERR_FILENO) == 1 && !terminal.isEmpty && terminal != "dumb"
    }()

    /// Whether messages may be coloured (https://no-color.org).
    static let isColored =
        isInteractive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

    /// Columns of the terminal, 80 where unknown.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a message and a newline to standard error, without what would steer the terminal.
    static func error(_ message: String) {
        write(colored(message.printableLines) + "\n", to: STDERR_FILENO)
    }

    /// Writes a message as it is to standard error.
    static func message(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes a product as it is to standard output; returns false where nobody reads any more.
    @discardableResult
    static func product(_ text: String) -> Bool { product(Array(text.utf8)) }

    /// Writes bytes, which need not be text, to standard output.
    @discardableResult
    static func product(_ bytes: [UInt8]) -> Bool { write(bytes, to: STDOUT_FILENO) }

    /// Why standard output could not be written, or nil; a reader that went away is no failure.
    static var outputFailure: String? {
        let code = outputError.load(ordering: .relaxed)
        return code == 0 || code == EPIPE ? nil : String(cString: strerror(code))
    }

    private static let outputError = Atomic<Int32>(0)

    /// Lets writes to a closed pipe, or beyond the size that a file may have, fail instead of
    /// ending the program.
    static func ignoreSignals() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Puts something in the place of standard files that the caller closed.
    ///
    /// Otherwise the next file to be opened, such as a checkpoint, would become standard output.
    static func holdStandardFiles() {
        for file in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(file, F_GETFD) == -1 && errno == EBADF {
            // The lowest free number is the one; opened the wrong way round, it fails as before.
            _ = open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    private static func colored(_ message: String) -> String {
        guard isColored else { return message }
        return message.replacing("error:", with: "\u{1B}[1;31merror:\u{1B}[0m")
            .replacing("warning:", with: "\u{1B}[1;35mwarning:\u{1B}[0m")
            .replacing("note:", with: "\u{1B}[1;36mnote:\u{1B}[0m")
    }

    @discardableResult
    private static func write(_ text: String, to file: Int32) -> Bool {
        write(Array(text.utf8), to: file)
    }

    @discardableResult
    private static func write(_ all: [UInt8], to file: Int32) -> Bool {
        var bytes = all[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if written < 0 {
                let code = errno
                if code == EINTR { continue }
                if code == EAGAIN {
                    var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, -1)
                    continue
                }
                if file == STDOUT_FILENO { outputError.store(code, ordering: .relaxed) }
                return false
            }
            bytes = bytes.dropFirst(written)
        }
        return true
    }
}
