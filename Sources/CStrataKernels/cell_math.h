// Sigmoid and tanh as the cells of an LSTM need them: of several vectors at once, stage by stage. A
// chain of dependent operations leaves most of a processor idle, and the next vector's chain lies
// beyond the reach of its scheduler.
#pragma once
#include "simd.h"

// Vectors of cells that are computed at once; more would not fit into 16 registers.
enum { CELL_BLOCK = 3 };
enum { CELL_VECTORS = 2 * CELL_BLOCK };

#define SK_EACH SK_UNROLL for (int i = 0; i < n; i++)

// e = 2^t + one for t in [-126, 126], with one 1 or -1: 2^t = 2^k 2^f with k whole, |f| <= 1/2, and
// 2^f - 1 = f q(f) to 2^-26, q a minimax fit.
SK_INLINE void exp2_and_one(vf *e, const vf *t, const float one, const int n) {
    vf shifted[CELL_VECTORS], f[CELL_VECTORS], scale[CELL_VECTORS], q[CELL_VECTORS];
    // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits of the sum.
    SK_EACH shifted[i] = t[i] + 12582912.0f;
    SK_EACH f[i] = t[i] - (shifted[i] - 12582912.0f);
    SK_EACH scale[i] = from_bits((bits(shifted[i]) << 23) + 0x3f800000);
    SK_EACH q[i] = f[i] * 1.540350824e-04f + 1.339073546e-03f;
    SK_EACH q[i] = q[i] * f[i] + 9.618237508e-03f;
    SK_EACH q[i] = q[i] * f[i] + 5.550357434e-02f;
    SK_EACH q[i] = q[i] * f[i] + 2.402264979e-01f;
    SK_EACH q[i] = q[i] * f[i] + 6.931471879e-01f;
    SK_EACH e[i] = (f[i] * scale[i]) * q[i] + (scale[i] + one);
}

// Off by at most 1.2e-7; results stay at 1.2e-38 where they would be smaller. NaN gives NaN.
SK_INLINE void cell_sigmoid(vf *x, const int n) {
    vf t[CELL_VECTORS], e[CELL_VECTORS];
    SK_EACH t[i] = at_least(at_most(x[i] * -1.44269504f, 126.0f), -126.0f);
    exp2_and_one(e, t, 1, n);
    SK_EACH x[i] = 1.0f / e[i];
}

// At most 3 ulp, near zero as well, and one denormal where the result is smaller; NaN gives NaN.
SK_INLINE void cell_tanh(vf *x, const int n) {
    vf t[CELL_VECTORS], e[CELL_VECTORS];
    SK_EACH t[i] = at_least(absolute(x[i]) * -2.88539008f, -126.0f);
    exp2_and_one(e, t, -1, n);
    // e is in (-1, 0], so the quotient is the magnitude of the result.
    SK_EACH x[i] = with_sign(absolute(e[i] / (e[i] + 2.0f)), x[i]);
}
