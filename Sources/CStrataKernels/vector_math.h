// exp, log, sigmoid, tanh and the normal distribution on vectors. Bounds are in ulp of the exact
// result, measured against double libm over every float with and without fused multiply-adds
// (Tests/CrossCheck/run --every-float); NaN gives NaN.
#pragma once
#include "simd.h"

// x = n ln 2 + r with |r| <= ln 2 / 2 and n whole.
typedef struct reduced { vf r; vi n; } reduced;

// Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits of the sum. The first
// part of ln 2 has few bits, so that n times it is exact without FMA as well.
SK_INLINE reduced reduce(vf x) {
    vf shifted = x * 1.44269504f + 12582912.0f;
    vf n = shifted - 12582912.0f;
    vf r = n * -0.693359375f + x;
    r = n * 2.12194440e-4f + r;
    return (reduced){r, bits(shifted) - 0x4b400000};
}

// exp(r) - 1 for a reduced r, to 2^-26 relative also near zero: r + r^2 q(r) with q a minimax fit.
SK_INLINE vf exp_minus_one_reduced(vf r) {
    vf q = r * 1.394674764e-03f + 8.366755210e-03f;
    q = q * r + 4.166627675e-02f;
    q = q * r + 1.666654199e-01f;
    q = q * r + 5.000000000e-01f;
    return (r * r) * q + r;
}

// 2^n for n in -126...128; 128 gives infinity.
SK_INLINE vf power_of_two(vi n) { return from_bits((n + 127) << 23); }

// At most 1.06 ulp, denormal results included.
SK_INLINE vf vexp(vf x) {
    reduced x2 = reduce(at_least(at_most(x, 89.0f), -104.0f));
    vf p = exp_minus_one_reduced(x2.r) + 1.0f;
    // Two steps, because 2^n itself may be out of range where the result is not.
    vi half = x2.n >> 1;
    return p * power_of_two(half) * power_of_two(x2.n - half);
}

// exp(x) for x <= 89 that may be off by one denormal below -87: for sums with a one in them.
SK_INLINE vf exp_for_sum(vf x) {
    reduced x2 = reduce(at_least(x, -87.0f));
    // Not fused with the addition of `scale`, which may be infinite while the product is negative.
    return (exp_minus_one_reduced(x2.r) + 1.0f) * power_of_two(x2.n);
}

// exp(x) - 1 for x <= 0. At most 1.11 ulp.
SK_INLINE vf exp_minus_one_of_negative(vf x) {
    reduced x2 = reduce(at_least(x, -87.0f));
    vf scale = power_of_two(x2.n);
    return exp_minus_one_reduced(x2.r) * scale + (scale - 1.0f);
}

// At most 2.5 ulp where the result is a normal float; below, off by at most 5e-39.
SK_INLINE vf vsigmoid(vf x) { return 1.0f / (exp_for_sum(at_most(-x, 89.0f)) + 1.0f); }

// At most 2.5 ulp, near zero as well: the sum would cancel there, exp(x) - 1 does not.
SK_INLINE vf vtanh(vf x) {
    vf e = exp_minus_one_of_negative(absolute(x) * -2.0f);
    // e is in (-1, 0], so the quotient below is the magnitude of the result.
    return with_sign(absolute(e / (e + 2.0f)), x);
}

// At most 0.96 ulp; log 0 = -inf, log of a negative number = NaN.
SK_INLINE vf vlog(vf x) {
    vi tiny = x < FLT_MIN;
    vf scaled = select(tiny, x * 8388608.0f, x);
    // Exponent and mantissa in [sqrt 1/2, sqrt 2), by taking the bits of sqrt 1/2 as the origin.
    vi offset = bits(scaled) - 0x3f3504f3;
    vi exponent = offset >> 23;
    vf f = from_bits((offset & 0x007fffff) + 0x3f3504f3) - 1.0f;
    vf n = __builtin_convertvector(exponent - (tiny & 23), vf);
    vf p = f * -7.860944420e-02f + 1.288349777e-01f;
    p = p * f - 1.312910020e-01f;
    p = p * f + 1.418095678e-01f;
    p = p * f - 1.662449837e-01f;
    p = p * f + 2.000229508e-01f;
    p = p * f - 2.500081062e-01f;
    p = p * f + 3.333331645e-01f;
    vf square = f * f;
    vf low = (p * f - 0.5f) * square;
    low = n * -2.12194440e-4f + low;
    vf result = n * 0.693359375f + (f + low);
    result = select(x == 0.0f, splat(-INFINITY), result);
    result = select(x == INFINITY, x, result);
    return select((x < 0.0f) | (x != x), splat(NAN), result);
}

// log(1 + e) for e in [0, 1]: the division repairs what rounding 1 + e loses. At most 2.5 ulp.
SK_INLINE vf vlog1p(vf e) {
    vf u = e + 1.0f;
    vf rounded = u - 1.0f;
    return select(rounded == 0.0f, e, vlog(u) * (e / rounded));
}

// log(1 + exp x). At most 2.81 ulp, and one denormal where the result is smaller.
SK_INLINE vf vsoftplus(vf x) {
    vf positive = select(x < 0.0f, splat(0), x);
    return positive + vlog1p(vexp(-absolute(x)));
}

// The normal distribution function P(X <= x) = (1 + erf(x / sqrt 2)) / 2, off by at most 1.05e-7.
// The tail is computed apart: it keeps its size, to 4 percent, down to denormal results.
SK_INLINE vf vnormal(vf x) {
    vf z = x * 0.707106781f;
    vf t = at_most(absolute(z), 10.0f);
    vf s = t * t;
    // Near zero: erf(z) / z as a polynomial in z^2.
    vf p = s * 7.889144763e-05f - 8.020849200e-04f;
    p = p * s + 5.189536139e-03f;
    p = p * s - 2.685444430e-02f;
    p = p * s + 1.128360033e-01f;
    p = p * s - 3.761262596e-01f;
    p = p * s + 1.128379107e+00f;
    vf near = (p * z) * 0.5f + 0.5f;
    // Elsewhere: log(erfc t) + t^2 as a polynomial in t.
    vf q = t * -7.536758773e-08f + 3.149678605e-06f;
    q = q * t - 5.888408850e-05f;
    q = q * t + 6.567290984e-04f;
    q = q * t - 4.928368609e-03f;
    q = q * t + 2.671570517e-02f;
    q = q * t - 1.103943661e-01f;
    q = q * t + 3.683663607e-01f;
    q = q * t - 1.130290866e+00f;
    q = q * t + 3.250575392e-04f;
    vf tail = vexp(q - s) * 0.5f;
    vf far = select(z < 0.0f, tail, 1.0f - tail);
    return select(t > 0.97f, far, near);
}
