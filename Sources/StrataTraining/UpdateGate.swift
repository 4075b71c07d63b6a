import Foundation
import Synchronization

/// Holds updates back while somebody reads the parameters and the optimizer's moments.
package final class UpdateGate: Sendable {
    private let isClosed = Atomic(false)
    private let opened = NSCondition()

    /// Lets no update begin from now on; none may be going on.
    package func close() { isClosed.store(true, ordering: .relaxed) }

    /// Lets updates begin, once all is read; does nothing the second time.
    package func open() {
        opened.withLock { isClosed.store(false, ordering: .releasing) }
        opened.broadcast()
    }

    /// Returns as soon as an update may begin: at once, unless somebody reads.
    package func wait() {
        guard isClosed.load(ordering: .acquiring) else { return }
        opened.withLock {
            while isClosed.load(ordering: .acquiring) { opened.wait() }
        }
    }
}
