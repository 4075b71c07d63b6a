// The rate that no product can pass: independent multiply-adds on registers.
#pragma once
#include "half.h"

SK_INLINE double peak_of(const bool pairs, long iterations) {
    enum { SUMS = SK_TILE_ROWS * 4 };
    // Read as volatile, because known values let a compiler leave some of the work out. In pairs
    // they are words: 1 and 2, 1 and -0.5, whose products cancel.
    const volatile float start = 0.5f, scale = 0.999f, shift = 0.002f;
    const volatile uint32_t words[2] = {0x40003f80, 0xbf003f80};
    vf sum[SUMS], factor = splat(scale), term = splat(shift);
    if (pairs) {
        factor = from_bits(splat_int((int32_t)words[0]));
        term = from_bits(splat_int((int32_t)words[1]));
    }
    SK_UNROLL for (int i = 0; i < SUMS; i++) sum[i] = splat(start);
    for (long k = 0; k < iterations; k++) {
        SK_UNROLL for (int i = 0; i < SUMS; i++) {
            sum[i] = pairs ? add_pairs(sum[i], factor, term) : sum[i] * factor + term;
        }
    }
    vf total = splat(0);
    SK_UNROLL for (int i = 0; i < SUMS; i++) total += sum[i];
    // Keeps the loop: without a reader its result would be nobody's.
    volatile float sink = total[0];
    (void)sink;
    return (pairs ? 4.0 : 2.0) * SUMS * L * (double)iterations;
}

static double peak(sk_precision precision, long iterations) {
    return precision == SK_BFLOAT16 ? peak_of(true, iterations) : peak_of(false, iterations);
}
