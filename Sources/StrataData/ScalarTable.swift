/// Numbers under Unicode scalars, in pages of 256, so that plain text touches few of them.
struct ScalarTable: Sendable {
    private let absent: Int32
    /// Where the page of `scalar >> 8` starts in `values`; 0: the shared page of absent values.
    private var starts = [Int32](repeating: 0, count: 0x11_0000 >> 8)
    private var values: [Int32]

    /// Creates a table that holds `absent` under every scalar.
    init(absent: Int32) {
        self.absent = absent
        values = [Int32](repeating: absent, count: 256)
    }

    /// The number under a valid scalar value.
    subscript(scalar: UInt32) -> Int32 {
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

    /// The scalars with another number than `absent`, in ascending order.
    var present: [(scalar: UInt32, value: Int32)] {
        var found: [(scalar: UInt32, value: Int32)] = []
        for page in starts.indices where starts[page] != 0 {
            for offset in 0..<256 {
                let value = values[Int(starts[page]) + offset]
                if value != absent { found.append((UInt32((page << 8) + offset), value)) }
            }
        }
        return found
    }
}
