/// Numbers under Unicode scalars, in pages of 256, so that plain text touches few of them.
struct ScalarTable<Value: FixedWidthInteger & Sendable>: Sendable {
    private let absent: Value
    /// Where the page of `scalar >> 8` starts in `values`; 0: the shared page of absent values.
    private var starts = [Int32](repeating: 0, count: 0x11_0000 >> 8)
    private var values: [Value]

    /// Creates a table that holds `absent` under every scalar.
    init(absent: Value) {
        self.absent = absent
        // The page of the first 256 scalars is always there, right behind the shared one.
        values = [Value](repeating: absent, count: 512)
        starts[0] = 256
    }

    /// The number under a valid scalar value.
    subscript(scalar: UInt32) -> Value {
        get { values[Int(starts[Int(scalar >> 8)]) + Int(scalar & 255)] }
        set {
            let page = Int(scalar >> 8)
            if starts[page] == 0 {
                starts[page] = Int32(values.count)
                values.append(contentsOf: repeatElement(absent, count: 256))
            }
            values[Int(starts[page]) + Int(scalar & 255)] = newValue
        }
    }

    /// Adds to the number under a valid scalar value.
    @inline(__always)
    mutating func add(_ amount: Value, under scalar: UInt32) {
        let start = starts[Int(scalar >> 8)]
        if start > 0 {
            values[Int(start) + Int(scalar & 255)] &+= amount
        } else {
            self[scalar] &+= amount
        }
    }

    /// Calls `body` with the numbers under the first 256 scalars.
    @inline(__always)
    func withLatin<Result>(_ body: (UnsafeBufferPointer<Value>) -> Result) -> Result {
        values.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[256..<512])) }
    }

    /// The scalars with another number than `absent`, in ascending order.
    var present: [(scalar: UInt32, value: Value)] {
        var found: [(scalar: UInt32, value: Value)] = []
        for page in starts.indices where starts[page] != 0 {
            for offset in 0..<256 {
                let value = values[Int(starts[page]) + offset]
                if value != absent { found.append((UInt32((page << 8) + offset), value)) }
            }
        }
        return found
    }
}
