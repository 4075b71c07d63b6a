internal import CStrataKernels

/// Memory in which one worker's products pack what they multiply, see ``GemmArguments``.
///
/// It is asked for when a product first needs it, and then kept.
package final class ProductScratch: @unchecked Sendable {
    // Safe to share: only the worker that it belongs to touches it.
    private var memory: UnsafeMutablePointer<Float>?

    package init() {}

    deinit { memory?.deallocate() }

    /// The memory; what it held before is of no worth.
    package var floats: UnsafeMutablePointer<Float> {
        if let memory { return memory }
        let count = Int(SK_SCRATCH)
        let bytes = count * MemoryLayout<Float>.stride
        let new = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            .bindMemory(to: Float.self, capacity: count)
        memory = new
        return new
    }
}
