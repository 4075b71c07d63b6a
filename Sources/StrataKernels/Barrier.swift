internal import CStrataKernels

/// Where the workers of a team wait for each other.
///
/// Everything that a worker wrote before it waits is visible to all workers after they have waited.
package final class Barrier: @unchecked Sendable {
    // Safe to share: the C functions synchronise all access to it.
    private let storage: OpaquePointer
    private let memory: UnsafeMutableRawPointer

    /// Creates a barrier for a team of `workers` threads.
    package init(workers: Int) {
        precondition(workers > 0, "a team needs at least one worker")
        memory = .allocate(byteCount: sk_barrier_size(), alignment: 64)
        storage = OpaquePointer(memory)
        sk_barrier_init(storage, workers)
    }

    deinit {
        sk_barrier_destroy(storage)
        memory.deallocate()
    }

    /// Returns when all workers of the team have called it.
    package func wait() { sk_barrier_wait(storage) }
}
