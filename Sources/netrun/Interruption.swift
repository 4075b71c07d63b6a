import Foundation
import Synchronization

/// SIGINT and SIGTERM: the first asks the run to save and stop, the second ends the program.
enum Interruption {
    private static let received = Atomic<Int32>(0)
    private static let hasFarewell = Atomic<Bool>(false)

    /// Starts to listen.
    ///
    /// - Parameter saves: whether the first signal saves what the second would lose, which is then said.
    static func install(saves: Bool = false) {
        hasFarewell.store(saves, ordering: .relaxed)
        var listened = sigset_t()
        sigemptyset(&listened)
        defer {
            // A program that starts this one from a worker thread hands on what it blocks there.
            pthread_sigmask(SIG_UNBLOCK, &listened, nil)
        }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&listened, number)
            let previous = signal(number) { number in
                // Only what is safe in a signal handler: atomics, write and _exit.
                if Interruption.received.exchange(number, ordering: .relaxed) != 0 {
                    if Interruption.hasFarewell.load(ordering: .relaxed) {
                        Interruption.sayFarewell()
                    }
                    _exit(128 + number)
                }
            }
            // What nohup, or a shell in the background, asked to ignore stays ignored.
            let wasIgnored =
                unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
            if wasIgnored { signal(number, SIG_IGN) }
        }
    }

    /// Says that nothing is left that a signal could lose.
    static func allIsSaved() { hasFarewell.store(false, ordering: .relaxed) }

    private static func sayFarewell() {
        // On a line of its own, whatever is being redrawn.
        let text: StaticString = "\nended without saving\n"
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }

    /// Whether a signal asks to stop.
    static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

    /// The program's exit code after the signal.
    static var exitCode: ExitCode {
        switch received.load(ordering: .relaxed) {
        case SIGTERM: .terminated
        case SIGHUP: .hungUp
        default: .interrupted
        }
    }
}
