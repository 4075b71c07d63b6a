// Sigmoid and tanh as the cells of an LSTM need them: of several vectors at once, stage by stage. A
// chain of dependent operations leaves most of a processor idle, and the next vector's chain lies
// beyond the reach of its scheduler.
#pragma once
#include "simd.h"

// Vectors of cells that are computed at once; more would not fit into 16 registers.
enum { CELL_BLOCK = 3 };
enum { CELL_VECTORS = 2 * CELL_BLOCK };

#define SK_EACH SK_UNROLL for (int i = 0; i < n; i++)

// exp(-k x) = scale exp(-k r) with |k r| <= ln 2 / 2 and scale a power of two; k x is in [-87, 87].
typedef struct powers { vf r[CELL_VECTORS], scale[CELL_VECTORS]; } powers;

SK_INLINE powers reduce_exponents(const vf *x, const float k, const int n) {
    // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits of the sum; with 127 more
    // it is the exponent's field of its power.
    const float rounding = 12582912.0f + 127.0f;
    vf shifted[CELL_VECTORS];
    powers p;
    SK_EACH shifted[i] = x[i] * (-1.44269504f * k) + rounding;
    // ln 2 is off by 2e-9: where that counts, for large powers, the functions of a cell are flat.
    SK_EACH p.r[i] = (shifted[i] - rounding) * (0.693147182f / k) + x[i];
    SK_EACH p.scale[i] = from_bits(bits(shifted[i]) << 23);
    return p;
}

// Off by at most 1e-7; results stay at 1.6e-38 where they would be smaller. NaN gives NaN.
SK_INLINE void cell_sigmoid(vf *x, const int n) {
    vf q[CELL_VECTORS];
    SK_EACH x[i] = at_least(at_most(x[i], 87.0f), -87.0f);
    powers p = reduce_exponents(x, 1, n);
    // exp(-r) to 2^-23 relative, a minimax fit: with the one that is added an error counts a quarter at most.
    SK_EACH q[i] = p.r[i] * -8.290272206e-03f + 4.189816117e-02f;
    SK_EACH q[i] = q[i] * p.r[i] - 1.666763872e-01f;
    SK_EACH q[i] = q[i] * p.r[i] + 4.999914765e-01f;
    SK_EACH q[i] = q[i] * p.r[i] - 9.999997020e-01f;
    SK_EACH q[i] = q[i] * p.r[i] + 1.0f;
    SK_EACH x[i] = 1.0f / (q[i] * p.scale[i] + 1.0f);
}

// At most 2.6 ulp, near zero as well; NaN gives NaN.
SK_INLINE void cell_tanh(vf *x, const int n) {
    vf magnitude[CELL_VECTORS], q[CELL_VECTORS], e[CELL_VECTORS];
    // At 10 the result is 1 already.
    SK_EACH magnitude[i] = at_most(absolute(x[i]), 10.0f);
    powers p = reduce_exponents(magnitude, 2, n);
    // exp(-2 r) - 1 = r q(r) to 2^-25 relative, also near zero; q is a minimax fit.
    SK_EACH q[i] = p.r[i] * 8.888878673e-02f - 2.678113282e-01f;
    SK_EACH q[i] = q[i] * p.r[i] + 6.666741967e-01f;
    SK_EACH q[i] = q[i] * p.r[i] - 1.333320498f;
    SK_EACH q[i] = q[i] * p.r[i] + 1.999999881f;
    SK_EACH q[i] = q[i] * p.r[i] - 2.0f;
    SK_EACH e[i] = (p.r[i] * p.scale[i]) * q[i] + (p.scale[i] - 1.0f);
    // e = exp(-2 |x|) - 1 is in [-1, 0], so the quotient is the magnitude of the result.
    SK_EACH x[i] = with_sign(absolute(e[i] / (e[i] + 2.0f)), x[i]);
}
