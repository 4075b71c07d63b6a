internal import StrataSchema

/// The number types of safetensors files that fill whole bytes.
public enum TensorType: String, Hashable, Sendable, CaseIterable {
    /// A truth value in one byte.
    case bool = "BOOL"
    /// An unsigned 8-bit integer.
    case uint8 = "U8"
    /// A signed 8-bit integer.
    case int8 = "I8"
    /// An 8-bit float with 5 exponent and 2 mantissa bits.
    case float8E5M2 = "F8_E5M2"
    /// An 8-bit float with 4 exponent and 3 mantissa bits.
    case float8E4M3 = "F8_E4M3"
    /// An 8-bit power of two.
    case float8E8M0 = "F8_E8M0"
    /// An unsigned 16-bit integer.
    case uint16 = "U16"
    /// A signed 16-bit integer.
    case int16 = "I16"
    /// IEEE half precision.
    case float16 = "F16"
    /// The upper half of an IEEE single.
    case bfloat16 = "BF16"
    /// An unsigned 32-bit integer.
    case uint32 = "U32"
    /// A signed 32-bit integer.
    case int32 = "I32"
    /// IEEE single precision, Strata's own type.
    case float32 = "F32"
    /// Two IEEE singles: real and imaginary part.
    case complex64 = "C64"
    /// An unsigned 64-bit integer.
    case uint64 = "U64"
    /// A signed 64-bit integer.
    case int64 = "I64"
    /// IEEE double precision.
    case float64 = "F64"

    /// Bytes per element.
    public var width: Int {
        switch self {
        case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .complex64, .uint64, .int64, .float64: 8
        }
    }

    /// The bytes of a tensor of this type, or nil where the product does not fit an integer or a
    /// dimension is negative.
    func byteCount(shape: [Int]) -> Int? {
        var product = width
        for size in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { return nil }
            product = next
        }
        return product
    }

    /// Checks that a tensor of this type and shape takes as many bytes as it has.
    ///
    /// - Throws: ``FormatError`` `.overflow` for an impossible shape, `.sizeMismatch`.
    func checkSize(_ size: Int, of name: String, shape: [Int]) throws(FormatError) {
        guard let count = byteCount(shape: shape) else {
            throw FormatError(.overflow, "tensor '\(name.shown)' has the impossible shape \(shape)")
        }
        guard count == size else {
            throw FormatError(
                .sizeMismatch,
                "tensor '\(name.shown)' of shape \(shape) and type \(rawValue) takes \(count) bytes, "
                    + "but has \(size)")
        }
    }
}
