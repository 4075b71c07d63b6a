import Foundation
import StrataFormats
import StrataTestSupport
import Synchronization

/// The system's files, of which the n-th operation fails.
final class FaultyFileLayer: ObservedFileLayer {
    enum Fault: Hashable, Sendable {
        /// The operation fails and does nothing.
        case error(Int32)
        /// A write takes half of its bytes and succeeds; other operations work.
        case shortWrite
        /// A write takes half of its bytes, the next operation fails.
        case shortWriteThenError(Int32)
    }

    struct State {
        var count = 0
        var hasFailed = false
    }

    let failing: Int
    let fault: Fault
    /// Whether all operations after the n-th fail too, like on a device that is gone.
    let lasts: Bool
    private let state = Mutex(State())

    /// Counts from 1; 0 never fails.
    init(failing: Int, _ fault: Fault, lasts: Bool = false) {
        self.failing = failing
        self.fault = fault
        self.lasts = lasts
    }

    /// Whether the fault was reached.
    var hasFailed: Bool { state.withLock(\.hasFailed) }

    func observe(
        _ operation: FileFailure.Operation, _ path: String
    ) throws(FileFailure) -> Bool {
        let distance = state.withLock { state in
            state.count += 1
            if failing > 0, state.count >= failing { state.hasFailed = true }
            return failing > 0 ? state.count - failing : -1
        }
        switch fault {
        case .error(let code):
            if distance == 0 || distance > 0 && lasts {
                throw FileFailure(operation, path, code: code)
            }
            return false
        case .shortWrite: return distance == 0 || distance > 0 && lasts
        case .shortWriteThenError(let code):
            if distance == 1 || distance > 1 && lasts {
                throw FileFailure(operation, path, code: code)
            }
            return distance == 0
        }
    }
}

/// Runs `body` with a layer that fails the first operation, then the second, until none fails.
///
/// `check` sees the layer and the error of each run but the last.
func forEveryFailure(
    _ fault: FaultyFileLayer.Fault, lasts: Bool,
    run body: (FaultyFileLayer) throws -> Void,
    check: ((any Error)?) throws -> Void
) throws -> Int {
    for number in 1...1000 {
        let layer = FaultyFileLayer(failing: number, fault, lasts: lasts)
        var thrown: (any Error)?
        do { try body(layer) } catch { thrown = error }
        try check(thrown)
        if !layer.hasFailed { return number - 1 }
    }
    return 1000
}
