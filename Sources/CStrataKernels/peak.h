// The rate that no product can pass: independent multiply-adds on registers.
#pragma once
#include "simd.h"

static double fma_peak(long iterations) {
    enum { SUMS = SK_TILE_ROWS * 4 };
    // Read as volatile, because known values let a compiler leave some of the work out.
    const volatile float start = 0.5f, scale = 0.999f, shift = 0.002f;
    vf sum[SUMS], factor = splat(scale), term = splat(shift);
    SK_UNROLL for (int i = 0; i < SUMS; i++) sum[i] = splat(start);
    for (long k = 0; k < iterations; k++) {
        SK_UNROLL for (int i = 0; i < SUMS; i++) sum[i] = sum[i] * factor + term;
    }
    vf total = splat(0);
    SK_UNROLL for (int i = 0; i < SUMS; i++) total += sum[i];
    // Keeps the loop: without a reader its result would be nobody's.
    volatile float sink = total[0];
    (void)sink;
    return 2.0 * SUMS * L * (double)iterations;
}
