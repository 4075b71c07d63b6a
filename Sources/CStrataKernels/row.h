// Products of a single row, as in a step of inference: bound by reading B, which may be in bfloat16.
#pragma once
#include "tile.h"

// The row of B at depth k: of a panel in bfloat16, group 2 i is the lower half of word i, group
// 2 i + 1 the upper one.
SK_INLINE void load_groups(vf right[4], const float *panel, long k, const bool half) {
    if (!half) {
        SK_UNROLL for (int g = 0; g < 4; g++) right[g] = load(panel + k * W + g * L);
        return;
    }
    SK_UNROLL for (int i = 0; i < 2; i++) {
        vi words = bits(load(panel + k * (W / 2) + i * L));
        right[2 * i] = from_bits(words << 16);
        right[2 * i + 1] = from_bits(words & splat_int((int32_t)0xffff0000));
    }
}

// One row by one or two panels, over the whole depth. Two, because the four sums of one panel wait
// for themselves.
SK_INLINE void row_of_panels(
    const panel_product *p, long row, const int panels, const bool half
) {
    const float *a = p->a + row * p->a_row, *b[2];
    vf sum[2][4];
    SK_UNROLL for (int q = 0; q < panels; q++) {
        b[q] = p[q].b;
        SK_UNROLL for (int g = 0; g < 4; g++) {
            const float *c = p[q].c + row * p[q].c_row + g * p[q].c_group;
            sum[q][g] = p[q].from_c ? load_lanes(c, p[q].lanes[g]) : p[q].bias[g];
        }
    }
    for (long from = 0; from < p->depth; from += p->a_block_depth, a += p->a_block) {
        long depth = min_long(p->a_block_depth, p->depth - from);
        for (long k = 0; k < depth; k++) {
            vf left = splat(a[k]);
            SK_UNROLL for (int q = 0; q < panels; q++) {
                vf right[4];
                load_groups(right, b[q], from + k, half);
                SK_UNROLL for (int g = 0; g < 4; g++) sum[q][g] = left * right[g] + sum[q][g];
            }
        }
    }
    SK_UNROLL for (int q = 0; q < panels; q++) {
        SK_UNROLL for (int g = 0; g < 4; g++) {
            store_lanes(p[q].c + row * p[q].c_row + g * p[q].c_group, sum[q][g], p[q].lanes[g]);
        }
    }
}

SK_NOINLINE void row_of_one(const panel_product *p, long row) {
    if (p->half) row_of_panels(p, row, 1, true);
    else row_of_panels(p, row, 1, false);
}

SK_NOINLINE void row_of_two(const panel_product *p, long row) {
    if (p->half) row_of_panels(p, row, 2, true);
    else row_of_panels(p, row, 2, false);
}

// The next one or two of `count` panels; returns how many.
SK_INLINE long multiply_row(const panel_product p[2], long row, long count) {
    if (count < 2) {
        row_of_one(p, row);
        return 1;
    }
    row_of_two(p, row);
    return 2;
}
