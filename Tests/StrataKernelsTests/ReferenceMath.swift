import CStrataKernels
import Foundation
import StrataKernels

/// All activations.
let activations = (0..<SK_ACTIVATION_COUNT.rawValue).map(ActivationCode.init(rawValue:))

/// An activation as its definition says, in double.
func exactValue(_ f: ActivationCode, _ x: Double) -> Double {
    switch f {
    case SK_SIGMOID: 1 / (1 + exp(-x))
    case SK_TANH: tanh(x)
    case SK_RELU: x < 0 ? 0 : x
    case SK_LEAKY_RELU: x < 0 ? 0.01 * x : x
    case SK_ELU: x < 0 ? expm1(x) : x
    case SK_GELU: x == -.infinity ? 0 : 0.5 * x * erfc(-x / 2.0.squareRoot())
    case SK_SOFTPLUS: x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
    case SK_SOFTSIGN: x.isInfinite ? (x > 0 ? 1 : -1) : x / (1 + abs(x))
    case SK_HARD_SIGMOID: x.isNaN ? x : min(1, max(0, 0.2 * x + 0.5))
    case SK_HARD_TANH: x.isNaN ? x : min(1, max(-1, x))
    case SK_SWISH: x == -.infinity ? 0 : x / (1 + exp(-x))
    default: x
    }
}

/// The derivative of an activation, in double.
func exactSlope(_ f: ActivationCode, _ x: Double) -> Double {
    let s = 1 / (1 + exp(-x))
    switch f {
    case SK_SIGMOID: return s * (1 - s)
    case SK_TANH: return 1 - tanh(x) * tanh(x)
    case SK_RELU: return x > 0 ? 1 : 0
    case SK_LEAKY_RELU: return x < 0 ? 0.01 : 1
    case SK_ELU: return x < 0 ? exp(x) : 1
    case SK_GELU:
        let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
        return 0.5 * erfc(-x / 2.0.squareRoot()) + x * density
    case SK_SOFTPLUS: return s
    case SK_SOFTSIGN: return 1 / ((1 + abs(x)) * (1 + abs(x)))
    case SK_HARD_SIGMOID: return abs(x) < 2.5 ? 0.2 : 0
    case SK_HARD_TANH: return abs(x) < 1 ? 1 : 0
    case SK_SWISH: return s + x * s * (1 - s)
    default: return 1
    }
}
