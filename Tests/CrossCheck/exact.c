// Functions of single values and their derivatives in double precision, as their definitions say.
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

// MARK: Chains

// Slopes jump at zero, at +-1 or at +-2.5. Zero itself is exact.
static bool is_near_jump(double x) {
    const double size = fabs(x), near = 1e-4;
    return (x != 0 && size < near) || fabs(size - 1) < near || fabs(size - 2.5) < near;
}

static bool is_kept(const sk_stage *s, uint32_t place) {
    uint32_t x = place ^ s->low;
    x ^= x >> 16;
    x *= 0x7feb352d;
    x ^= (x >> 15) ^ s->high;
    x *= 0x846ca68b;
    x ^= x >> 16;
    return x >= s->threshold;
}

chain_result exact_chain(const sk_chain *c, double x, long place) {
    chain_result r = {x, 1, 1, true};
    for (int i = 0; i < c->count; i++) {
        const sk_stage *s = &c->stages[i];
        if (s->drops) {
            double factor = is_kept(s, (uint32_t)place) ? s->scale : 0;
            r.value *= factor;
            r.slope *= factor;
            r.growth *= s->scale;
        } else {
            r.is_sure_of_slope &= i == 0 || !is_near_jump(r.value);
            r.slope *= exact_slope(s->activation, r.value);
            // The steepest are gelu, 1.13, and swish, 1.1.
            r.growth *= 1.2;
            r.value = exact_activation(s->activation, r.value);
        }
    }
    return r;
}

static sk_stage random_stage(void) {
    if (random_below(3) > 0) {
        return (sk_stage){.activation = (sk_activation)random_below(SK_ACTIVATION_COUNT)};
    }
    const double rate = random_float(0, 0.5f);
    return (sk_stage){
        .drops = true, .scale = (float)(1 / (1 - rate)), .threshold = (uint32_t)(rate * 0x1p32),
        .low = (uint32_t)random_bits(), .high = (uint32_t)random_bits()};
}

sk_chain random_chain(int most) {
    sk_chain c = {0};
    for (long count = random_below(most + 1); count > 0; count--) sk_chain_add(&c, random_stage());
    return c;
}
