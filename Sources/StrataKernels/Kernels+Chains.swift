import CStrataKernels

// Functions of single values, and chains of them.
extension Kernels {
    /// Puts values through a chain; `y` may be `x`.
    package func transform(
        _ y: UnsafeMutablePointer<Float>, from x: UnsafePointer<Float>, chain: ChainArguments,
        part: TensorPart
    ) {
        withUnsafePointer(to: chain) {
            table.pointee.transform(
                y, x, part.stride, $0, part.features, part.rows.lowerBound, part.rows.upperBound,
                part.columns.lowerBound, part.columns.upperBound)
        }
    }

    /// Carries gradients back through a chain; `dx` may be `dy`.
    ///
    /// - Parameters:
    ///   - x: what the chain read, where it ``ChainArguments/needsInput``; otherwise it may be nil.
    ///   - y: what the chain made of it, unless it needs its input or has no activation.
    package func transformBackward(
        _ dx: UnsafeMutablePointer<Float>, from dy: UnsafePointer<Float>, x: UnsafePointer<Float>?,
        y: UnsafePointer<Float>?, chain: ChainArguments, part: TensorPart
    ) {
        withUnsafePointer(to: chain) {
            table.pointee.transform_backward(
                dx, dy, x, y, part.stride, $0, part.features, part.rows.lowerBound,
                part.rows.upperBound, part.columns.lowerBound, part.columns.upperBound)
        }
    }
}

/// Some rows and columns of tensors of the same shape, which begin where they are said to be.
package struct TensorPart: Sendable {
    /// Floats from one row to the next.
    package var stride: Int
    /// Columns of all.
    package var features: Int
    package var rows: Range<Int>
    /// Whole vectors of them, or up to the last of all.
    package var columns: Range<Int>

    package init(stride: Int, features: Int, rows: Range<Int>, columns: Range<Int>? = nil) {
        self.stride = stride
        self.features = features
        self.rows = rows
        self.columns = columns ?? 0..<features
    }
}

extension ChainArguments {
    /// How many functions a chain has at most.
    package static let limit = Int(SK_STAGES)

    /// Whether there is no function in it: it leaves every value as it is.
    package var isEmpty: Bool { count == 0 }

    /// A chain of one function, or of none for the identity.
    package init(_ function: ActivationCode) {
        self.init()
        append(function)
    }

    /// Adds an activation, unless it is the identity, to a chain of fewer than ``limit`` functions.
    package mutating func append(_ function: ActivationCode) {
        guard function != SK_IDENTITY else { return }
        var stage = sk_stage()
        stage.activation = function
        append(stage)
    }

    /// Adds dropout to a chain of fewer than ``limit`` functions.
    ///
    /// - Parameter key: what the values that it drops follow from, with their places.
    package mutating func append(dropping rate: Double, key: UInt64) {
        var stage = sk_stage()
        stage.drops = true
        stage.scale = Float(1 / (1 - rate))
        stage.threshold = UInt32(min(rate * 4_294_967_296, 4_294_967_295))
        stage.low = UInt32(truncatingIfNeeded: key)
        stage.high = UInt32(truncatingIfNeeded: key >> 32)
        append(stage)
    }

    private mutating func append(_ stage: sk_stage) {
        precondition(Int(count) < Self.limit, "a chain is longer than kernels take")
        sk_chain_add(&self, stage)
    }

    /// Whether the derivative is computed from what the chain reads instead of what it leaves.
    package var needsInput: Bool { withUnsafePointer(to: self) { sk_chain_needs_input($0) } }
}
