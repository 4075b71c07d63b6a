// Activations and their derivatives in double precision, as their definitions say.
#include "exact.h"

#include <math.h>

#include "check.h"

double exact_activation(sk_activation f, double x) {
    switch (f) {
    case SK_SIGMOID: return 1 / (1 + exp(-x));
    case SK_TANH: return tanh(x);
    case SK_RELU: return x < 0 ? 0 : x;
    case SK_LEAKY_RELU: return x < 0 ? 0.01 * x : x;
    case SK_ELU: return x < 0 ? expm1(x) : x;
    case SK_GELU: return x == -INFINITY ? 0 : 0.5 * x * erfc(-x / sqrt(2));
    case SK_SOFTPLUS: return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
    case SK_SOFTSIGN: return isinf(x) ? copysign(1, x) : x / (1 + fabs(x));
    case SK_HARD_SIGMOID: return isnan(x) ? x : fmin(1, fmax(0, 0.2 * x + 0.5));
    case SK_HARD_TANH: return isnan(x) ? x : fmin(1, fmax(-1, x));
    case SK_SWISH: return x == -INFINITY ? 0 : x / (1 + exp(-x));
    case SK_IDENTITY:
    case SK_ACTIVATION_COUNT: break;
    }
    return x;
}

double exact_slope(sk_activation f, double x) {
    double s = 1 / (1 + exp(-x));
    switch (f) {
    case SK_SIGMOID: return s * (1 - s);
    case SK_TANH: return 1 - tanh(x) * tanh(x);
    case SK_RELU: return x > 0;
    case SK_LEAKY_RELU: return x < 0 ? 0.01 : 1;
    case SK_ELU: return x < 0 ? exp(x) : 1;
    case SK_GELU: return 0.5 * erfc(-x / sqrt(2)) + x * exp(-x * x / 2) / sqrt(2 * acos(-1));
    case SK_SOFTPLUS: return s;
    case SK_SOFTSIGN: return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
    case SK_HARD_SIGMOID: return fabs(x) < 2.5 ? 0.2 : 0;
    case SK_HARD_TANH: return fabs(x) < 1;
    case SK_SWISH: return s + x * s * (1 - s);
    case SK_IDENTITY:
    case SK_ACTIVATION_COUNT: break;
    }
    return 1;
}

sk_activation random_activation(sk_activation usual) {
    return random_bool() ? usual : (sk_activation)random_below(SK_ACTIVATION_COUNT);
}
