// Products of a single row, as in a step of inference: bound by reading B.
#pragma once
#include "tile.h"

// The products of one or two panels.
typedef struct two_products { panel_product of[2]; } two_products;

typedef struct row_sums { vf of[2][4]; } row_sums;

// Adds A times B for `depth` words of both, for one or two panels.
SK_INLINE void row_multiply(
    row_sums *sum, const int panels, const float *a, const float *const b[2], long depth,
    const bool pairs
) {
    for (long k = 0; k < depth; k++) {
        vf left = splat_left(a + k, pairs);
        SK_UNROLL for (int q = 0; q < panels; q++) {
            SK_UNROLL for (int g = 0; g < 4; g++) {
                vf right = load(b[q] + k * W + g * L);
                sum->of[q][g] = multiply_add(sum->of[q][g], left, right, pairs);
            }
        }
    }
}

// Adds first * B for the lower halves of one row of words, with `both` second * B for the upper.
// Both at each word, because there are not enough registers to keep all words until the second.
SK_INLINE void row_multiply_words(
    row_sums *sum, const int panels, const float *a, const float *const b[2], long row_of_b,
    const bool both
) {
    vf first = splat(a[0]), second = splat(both ? a[1] : 0);
    SK_UNROLL for (int q = 0; q < panels; q++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            vf words = load(b[q] + row_of_b * W + g * L), *of = &sum->of[q][g];
            *of = first * lower_half(words) + *of;
            if (both) *of = second * upper_half(words) + *of;
        }
    }
}

// Adds A times B for `depth` numbers of an A in float32 and a B in pairs.
SK_INLINE void row_multiply_halved(
    row_sums *sum, const int panels, const float *a, const float *const b[2], long depth
) {
    long words = depth / 2;
    for (long k = 0; k < words; k++) row_multiply_words(sum, panels, a + 2 * k, b, k, true);
    if (depth % 2) row_multiply_words(sum, panels, a + 2 * words, b, words, false);
}

// One row by one or two panels, over the whole depth. Two, because the four sums of one panel wait
// for themselves.
SK_INLINE void row_of_panels(
    const panel_product *p, long row, const int panels, const sk_precision precision
) {
    const float *b[2];
    row_sums sum;
    SK_UNROLL for (int q = 0; q < panels; q++) {
        b[q] = p[q].b;
        SK_UNROLL for (int g = 0; g < 4; g++) {
            const float *c = p[q].c + row * p[q].c_row + g * p[q].c_group;
            sum.of[q][g] = p[q].from_c ? load_lanes(c, p[q].lanes[g]) : p[q].bias[g];
        }
    }
    for (long from = 0; from < p->depth; from += p->a_block_depth) {
        const float *a = p->a + row * p->a_row + from / p->a_block_depth * p->a_block;
        long depth = min_long(p->a_block_depth, p->depth - from);
        bool halved = precision == SK_BFLOAT16_WEIGHTS;
        if (halved) row_multiply_halved(&sum, panels, a, b, depth);
        else row_multiply(&sum, panels, a, b, depth, precision == SK_BFLOAT16);
        long rows_of_b = halved ? depth / 2 : depth;
        SK_UNROLL for (int q = 0; q < panels; q++) b[q] += rows_of_b * W;
    }
    SK_UNROLL for (int q = 0; q < panels; q++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            float *c = p[q].c + row * p[q].c_row + g * p[q].c_group;
            store_lanes(c, sum.of[q][g], p[q].lanes[g]);
        }
    }
}

SK_INLINE void row_in_precision(const panel_product *p, long row, const int panels) {
    switch (p->precision) {
    // Bytes come here only where they are floats, in a depth of one.
    case SK_INT8_WEIGHTS:
    case SK_FLOAT32: row_of_panels(p, row, panels, SK_FLOAT32); break;
    case SK_BFLOAT16_WEIGHTS: row_of_panels(p, row, panels, SK_BFLOAT16_WEIGHTS); break;
    case SK_BFLOAT16: row_of_panels(p, row, panels, SK_BFLOAT16); break;
    }
}

SK_NOINLINE void row_of_one(const panel_product *p, long row) { row_in_precision(p, row, 1); }
SK_NOINLINE void row_of_two(const panel_product *p, long row) { row_in_precision(p, row, 2); }

// The next one or two of `count` panels; returns how many.
SK_INLINE long multiply_row(const panel_product p[2], long row, long count) {
#ifdef SK_MATRIX_STEP
    if (p->precision == SK_BFLOAT16) {
        matrix_panel(*p, 0, p->depth, row, row + 1);
        return 1;
    }
#endif
    if (count < 2) {
        row_of_one(p, row);
        return 1;
    }
    row_of_two(p, row);
    return 2;
}
