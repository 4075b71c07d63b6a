import Foundation
import StrataKernels

/// Work on a thread of its own, which ends with a result.
final class BackgroundWork<Success: Sendable, Failure: Error>: @unchecked Sendable {
    private let done = NSCondition()
    // Only touched while the condition is locked.
    private var result: Result<Success, Failure>?

    /// Starts the work; where the system refuses a thread, does it before returning.
    init(_ body: @escaping @Sendable () throws(Failure) -> Success) {
        let perform: @Sendable () -> Void = { [self] in
            let result = Result(catching: body)
            done.withLock { self.result = result }
            done.broadcast()
        }
        if !DetachedThread.start(perform) { perform() }
    }

    /// Whether the result is there.
    var isDone: Bool { done.withLock { result != nil } }

    /// Waits for the result.
    func wait() throws(Failure) -> Success {
        done.lock()
        defer { done.unlock() }
        while true {
            if let result { return try result.get() }
            done.wait()
        }
    }
}
