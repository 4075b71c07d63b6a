import Foundation

/// A block of float memory, aligned to cache lines and zero at the start, owned by one object.
package final class Arena: @unchecked Sendable {
    /// The first float.
    package let base: UnsafeMutablePointer<Float>
    /// Floats in all.
    package let count: Int

    /// Allocates memory.
    ///
    /// - Throws: ``RuntimeError`` of kind `.outOfMemory` where the system refuses.
    package init(count: Int) throws(RuntimeError) {
        let bytes = max(count, 16) * MemoryLayout<Float>.stride
        guard let raw = Self.allocate(bytes) else {
            throw RuntimeError(
                .outOfMemory, "cannot get \(bytes / 1_048_576) MiB of memory for the network",
                hint: "lower units, batch_size or sequence_length")
        }
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        base = raw.bindMemory(to: Float.self, capacity: max(count, 16))
        self.count = count
    }

    deinit { free(base) }

    /// Bytes of a large page; memory of several of them is asked for in such pages.
    ///
    /// A step of a recurrent layer touches a page in every panel of gates. With small pages these are
    /// more than a processor keeps the addresses of, and looking those up took some percent of a step.
    private static let largePage = 2 << 20

    private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let isLarge = bytes >= 2 * largePage
        var pointer: UnsafeMutableRawPointer?
        guard posix_memalign(&pointer, isLarge ? largePage : 64, bytes) == 0 else { return nil }
        #if os(Linux)
            // A wish: a system without large pages keeps to small ones.
            if isLarge { madvise(pointer, bytes, MADV_HUGEPAGE) }
        #endif
        return pointer
    }

    /// A part of the memory.
    package func buffer(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "outside the arena")
        return UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// A copy of a part of the numbers in the bytes that files have.
    package func littleEndianBytes(_ range: Range<Int>) -> [UInt8] {
        let numbers = buffer(range)
        let width = MemoryLayout<UInt32>.size
        return [UInt8](unsafeUninitializedCapacity: range.count * width) { bytes, initialized in
            let raw = UnsafeMutableRawBufferPointer(bytes)
            for (index, number) in numbers.enumerated() {
                raw.storeBytes(
                    of: number.bitPattern.littleEndian, toByteOffset: index * width,
                    as: UInt32.self)
            }
            initialized = range.count * width
        }
    }
}
