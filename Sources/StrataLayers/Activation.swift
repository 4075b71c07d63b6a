import CStrataKernels
import Foundation
package import StrataGraph
package import StrataKernels
public import StrataSchema

/// A function applied to every value, or, for softmax, to every row.
public enum Activation: String, ConfigChoice {
    /// x.
    case identity
    /// 1 / (1 + exp(-x)).
    case sigmoid
    /// tanh x.
    case tanh
    /// max(0, x).
    case relu
    /// exp(x_j) / sum of exp(x_k) over the row.
    case softmax
    /// x, or 0.01 x below 0.
    case leakyRelu = "leaky_relu"
    /// x, or exp(x) - 1 below 0 (Clevert et al. 2016).
    case elu
    /// x Φ(x) with the normal distribution's Φ, exact form (Hendrycks and Gimpel 2016).
    case gelu
    /// log(1 + exp x).
    case softplus
    /// x / (1 + |x|).
    case softsign
    /// 0.2 x + 0.5, kept within 0 and 1.
    case hardSigmoid = "hard_sigmoid"
    /// x, kept within -1 and 1.
    case hardTanh = "hard_tanh"
    /// x / (1 + exp(-x)) (Ramachandran et al. 2017).
    case swish

    /// Deeplearning4j's spellings.
    public static let aliases: [String: Activation] = [
        "leakyrelu": .leakyRelu, "lrelu": .leakyRelu, "hardsigmoid": .hardSigmoid,
        "hardtanh": .hardTanh, "silu": .swish, "linear": .identity,
    ]

    /// The kernels' code; softmax has a kernel of its own.
    package var code: ActivationCode {
        switch self {
        case .identity, .softmax: SK_IDENTITY
        case .sigmoid: SK_SIGMOID
        case .tanh: SK_TANH
        case .relu: SK_RELU
        case .leakyRelu: SK_LEAKY_RELU
        case .elu: SK_ELU
        case .gelu: SK_GELU
        case .softplus: SK_SOFTPLUS
        case .softsign: SK_SOFTSIGN
        case .hardSigmoid: SK_HARD_SIGMOID
        case .hardTanh: SK_HARD_TANH
        case .swish: SK_SWISH
        }
    }

    /// Whether the derivative cannot be computed from the output alone.
    package var derivativeNeedsInput: Bool { code.needsInput }
}

// MARK: The reference: functions and derivatives in double precision

extension Activation {
    /// The function; softmax has no value per element.
    package func value(_ x: Double) -> Double {
        switch self {
        case .identity, .softmax: x
        case .sigmoid: Self.sigmoid(x)
        case .tanh: Foundation.tanh(x)
        case .relu: max(0, x)
        case .leakyRelu: x < 0 ? 0.01 * x : x
        case .elu: x < 0 ? expm1(x) : x
        case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case .softplus: max(x, 0) + log1p(exp(-abs(x)))
        case .softsign: x / (1 + abs(x))
        case .hardSigmoid: min(1, max(0, 0.2 * x + 0.5))
        case .hardTanh: min(1, max(-1, x))
        case .swish: x * Self.sigmoid(x)
        }
    }

    /// The derivative at x.
    package func derivative(_ x: Double) -> Double {
        let y = value(x)
        switch self {
        case .identity, .softmax: return 1
        case .sigmoid: return y * (1 - y)
        case .tanh: return 1 - y * y
        case .relu: return x > 0 ? 1 : 0
        case .leakyRelu: return x < 0 ? 0.01 : 1
        case .elu: return x < 0 ? y + 1 : 1
        case .gelu:
            let density = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
            return 0.5 * (1 + erf(x / 2.0.squareRoot())) + x * density
        case .softplus: return Self.sigmoid(x)
        case .softsign: return 1 / ((1 + abs(x)) * (1 + abs(x)))
        case .hardSigmoid: return y > 0 && y < 1 ? 0.2 : 0
        case .hardTanh: return y > -1 && y < 1 ? 1 : 0
        case .swish:
            let gate = Self.sigmoid(x)
            return gate + y * (1 - gate)
        }
    }

    private static func sigmoid(_ x: Double) -> Double {
        x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    }
}

extension ReferencePass {
    /// The activation of every element or row.
    package mutating func activate(_ x: ReferenceTape.Variable, _ activation: Activation)
        -> ReferenceTape.Variable
    {
        switch activation {
        case .identity: x
        case .softmax: tape.softmax(x)
        default: tape.map(x, activation.value, derivative: activation.derivative)
        }
    }
}
