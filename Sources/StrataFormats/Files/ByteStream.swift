/// Bytes that are fetched piece by piece when they are needed, so that nobody holds all of them.
package struct ByteStream: Sendable {
    /// Bytes of a piece at most, unless they lie in memory anyway: small enough for any cache, and a
    /// multiple of every number's width.
    package static let pieceSize = 1 << 16

    /// Bytes in all.
    package let count: Int
    private let content: Content

    private enum Content: Sendable {
        case memory(ArraySlice<UInt8>)
        case fetched(@Sendable (Range<Int>) -> [UInt8])
    }

    /// Bytes that lie in memory: one piece.
    package init(_ bytes: ArraySlice<UInt8>) {
        count = bytes.count
        content = .memory(bytes)
    }

    /// Bytes that lie elsewhere.
    ///
    /// - Parameter fetch: makes the bytes of a range, which starts at a multiple of ``pieceSize``.
    package init(count: Int, fetch: @escaping @Sendable (Range<Int>) -> [UInt8]) {
        self.count = count
        content = .fetched(fetch)
    }

    /// Hands all bytes to `body`, in order.
    func forEachPiece<Failure: Error>(
        _ body: (ArraySlice<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        switch content {
        case .memory(let bytes): try body(bytes)
        case .fetched(let fetch):
            var start = 0
            while start < count {
                let end = min(start + Self.pieceSize, count)
                try body(fetch(start..<end)[...])
                start = end
            }
        }
    }
}
