package import StrataKernels
public import StrataSchema

/// What the products of a network multiply; they are summed up in float32 either way.
public enum Precision: String, ConfigChoice {
    /// Numbers as they are kept.
    case float32
    /// Numbers rounded to bfloat16 (8 bits of precision), where a layer has such products.
    case bfloat16

    public static var hints: [String: String] {
        ["int8": "int8 is for networks that have been trained: set generate.weights to it"]
    }

    /// What kernels are told.
    package var code: PrecisionCode { self == .bfloat16 ? .bfloat16 : .float32 }

    /// What kernels compute in when this is asked for: float32 where they are slow at bfloat16.
    ///
    /// - Parameter imitates: whether being slow does not matter, as in tests.
    package func used(by kernels: Kernels, imitates: Bool = false) -> Precision {
        kernels.hasFastBFloat16 || imitates ? self : .float32
    }
}
