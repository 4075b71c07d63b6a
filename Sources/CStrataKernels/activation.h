// Activation functions and their derivatives on vectors. With a constant `f` the switch vanishes.
// The bounds of sigmoid, tanh, elu and softplus are those in vector_math.h; softsign is within 1.5
// ulp, swish within 2.9 ulp where it is at least 1e-35 in magnitude and within 4e-37 elsewhere, and
// gelu as near as the normal distribution allows: within 1.05e-7 |x|, and an ulp.
#pragma once
#include "vector_math.h"

SK_INLINE bool needs_input(sk_activation f) { return f == SK_GELU || f == SK_SWISH; }

SK_INLINE vf activation_value(sk_activation f, vf x) {
    switch (f) {
    case SK_SIGMOID: return vsigmoid(x);
    case SK_TANH: return vtanh(x);
    // Comparisons are turned so that a NaN falls through to x.
    case SK_RELU: return select(x < 0.0f, splat(0), x);
    case SK_LEAKY_RELU: return select(x < 0.0f, x * 0.01f, x);
    case SK_ELU: return select(x < 0.0f, exp_minus_one_of_negative(x), x);
    case SK_GELU: {
        vf y = x * vnormal(x);
        return select(x == -INFINITY, splat(0), y);
    }
    case SK_SOFTPLUS: return vsoftplus(x);
    case SK_SOFTSIGN: {
        vf magnitude = absolute(x);
        vf y = x / (magnitude + 1.0f);
        return select(magnitude == INFINITY, with_sign(splat(1), x), y);
    }
    case SK_HARD_SIGMOID: return at_least(at_most(x * 0.2f + 0.5f, 1.0f), 0.0f);
    case SK_HARD_TANH: return at_least(at_most(x, 1.0f), -1.0f);
    case SK_SWISH: {
        vf y = x * vsigmoid(x);
        return select(x == -INFINITY, splat(0), y);
    }
    case SK_IDENTITY:
    case SK_ACTIVATION_COUNT: break;
    }
    return x;
}

// The derivative, from the output y; gelu and swish read the input x instead.
SK_INLINE vf activation_slope(sk_activation f, vf x, vf y) {
    vf one = splat(1), zero = splat(0);
    switch (f) {
    case SK_SIGMOID: return y - y * y;
    case SK_TANH: return 1.0f - y * y;
    case SK_RELU: return select(y > 0.0f, one, zero);
    case SK_LEAKY_RELU: return select(y < 0.0f, splat(0.01f), one);
    case SK_ELU: return select(y < 0.0f, y + 1.0f, one);
    case SK_GELU: {
        vf density = vexp(x * x * -0.5f) * 0.398942280f;
        // Clamped only against 0 * infinity.
        return vnormal(x) + at_least(at_most(x, 1e3f), -1e3f) * density;
    }
    case SK_SOFTPLUS: return -exp_minus_one_of_negative(-y);
    case SK_SOFTSIGN: {
        vf rest = 1.0f - absolute(y);
        return rest * rest;
    }
    case SK_HARD_SIGMOID: return select((y > 0.0f) & (y < 1.0f), splat(0.2f), zero);
    case SK_HARD_TANH: return select((y > -1.0f) & (y < 1.0f), one, zero);
    case SK_SWISH: {
        vf s = vsigmoid(x);
        vf bounded = at_least(at_most(x, 1e3f), -1e3f);
        return (bounded * s) * (1.0f - s) + s;
    }
    case SK_IDENTITY:
    case SK_ACTIVATION_COUNT: break;
    }
    return one;
}

// Runs `body` with `F` a constant, once per activation: loops without a switch inside.
#define SK_FOR_ACTIVATION(f, body)                                                                 \
    switch (f) {                                                                                   \
    case SK_ACTIVATION_COUNT:                                                                      \
    case SK_IDENTITY: { const sk_activation F = SK_IDENTITY; body; break; }                        \
    case SK_SIGMOID: { const sk_activation F = SK_SIGMOID; body; break; }                          \
    case SK_TANH: { const sk_activation F = SK_TANH; body; break; }                                \
    case SK_RELU: { const sk_activation F = SK_RELU; body; break; }                                \
    case SK_LEAKY_RELU: { const sk_activation F = SK_LEAKY_RELU; body; break; }                    \
    case SK_ELU: { const sk_activation F = SK_ELU; body; break; }                                  \
    case SK_GELU: { const sk_activation F = SK_GELU; body; break; }                                \
    case SK_SOFTPLUS: { const sk_activation F = SK_SOFTPLUS; body; break; }                        \
    case SK_SOFTSIGN: { const sk_activation F = SK_SOFTSIGN; body; break; }                        \
    case SK_HARD_SIGMOID: { const sk_activation F = SK_HARD_SIGMOID; body; break; }                \
    case SK_HARD_TANH: { const sk_activation F = SK_HARD_TANH; body; break; }                      \
    case SK_SWISH: { const sk_activation F = SK_SWISH; body; break; }                              \
    }

// In place on `count` whole vectors. Not inlined, since one copy of all functions is enough: a call is for several.
SK_NOINLINE void activate_vectors(float *x, long count, sk_activation f) {
    SK_FOR_ACTIVATION(f, {
        for (long i = 0; i < count; i++, x += L) store(x, activation_value(F, load(x)));
    })
}

// Gradients times slopes, which are of what forward stored: outputs, or inputs where the derivative needs them.
SK_NOINLINE void multiply_slopes(
    float *gradient, const float *stored, long count, sk_activation f
) {
    SK_FOR_ACTIVATION(f, {
        for (long i = 0; i < count; i++, gradient += L, stored += L) {
            vf s = load(stored);
            store(gradient, load(gradient) * activation_slope(F, s, s));
        }
    })
}

// From what forward stored (outputs, or inputs where the derivative needs them) to outputs in place
// and slopes.
SK_NOINLINE void differentiate_vectors(float *stored, float *slope, long count, sk_activation f) {
    SK_FOR_ACTIVATION(f, {
        for (long i = 0; i < count; i++, stored += L, slope += L) {
            vf s = load(stored);
            store(slope, activation_slope(F, s, s));
            if (needs_input(F)) store(stored, activation_value(F, s));
        }
    })
}
