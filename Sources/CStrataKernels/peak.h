// The rate that no product can pass: independent multiply-adds on registers.
#pragma once
#include "half.h"
#ifdef SK_MATRIX_STEP
#include "matrix.h"
#endif

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

#ifdef SK_MATRIX_STEP
// The same of tiles, four of which hold sums as in products.
SK_NOINLINE double matrix_peak(long iterations) {
    // The numbers of above: zeros might be multiplied with less power, and so at a higher clock.
    float sums[SIDE * SIDE], left[SIDE * SIDE], right[SIDE * SIDE];
    for (long i = 0; i < SIDE; i++) {
        store(sums + i * SIDE, splat(0.5f));
        store(left + i * SIDE, from_bits(splat_int(0x40003f80)));
        store(right + i * SIDE, from_bits(splat_int((int32_t)0xbf003f80)));
    }
    set_tiles();
    SK_LOAD_TILE(0, sums, SIDE);
    SK_LOAD_TILE(1, sums, SIDE);
    SK_LOAD_TILE(2, sums, SIDE);
    SK_LOAD_TILE(3, sums, SIDE);
    SK_LOAD_TILE(4, left, SIDE);
    SK_LOAD_TILE(5, right, SIDE);
    for (long k = 0; k < iterations; k += 4) {
        SK_ADD_TILES(0, 4, 5);
        SK_ADD_TILES(1, 4, 5);
        SK_ADD_TILES(2, 4, 5);
        SK_ADD_TILES(3, 4, 5);
    }
    return 4.0 * SIDE * SIDE * SIDE * (double)((iterations + 3) / 4 * 4);
}
#endif

static double peak(sk_precision precision, long iterations) {
#ifdef SK_MATRIX_STEP
    if (precision == SK_BFLOAT16) return matrix_peak(iterations);
#endif
    return precision == SK_BFLOAT16 ? peak_of(true, iterations) : peak_of(false, iterations);
}
