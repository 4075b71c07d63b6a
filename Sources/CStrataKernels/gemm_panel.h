// One panel of a general product: what is valid in it, and how its sums start.
#pragma once
#include "tile.h"

// Rows, and the depth of them, that all panels pass before others are touched: their part of A stays
// in the second cache. A multiple of every tile's height, and of strips.
enum { ROW_BLOCK = 8 * SK_STRIP, DEEP_BLOCK = 1024 };
#ifdef SK_MATRIX_STEP
// So fast that panels have to be read seldom.
enum { PAIRS_ROW_BLOCK = 4 * ROW_BLOCK, PAIRS_DEEP_BLOCK = DEEP_BLOCK / 2 };
#else
enum { PAIRS_ROW_BLOCK = ROW_BLOCK, PAIRS_DEEP_BLOCK = DEEP_BLOCK };
#endif

// Rows of A that are longer than two of these count as blocks of it, which are fetched one by one: each tile
// begins rows that no processor has seen yet.
enum { LONG_BLOCK = 64 };

// Valid lanes of one group of a panel.
SK_INLINE long valid_lanes(const sk_gemm *g, long panel, int group) {
    long first = g->gates ? panel * L : panel * W + group * L;
    return max_long(0, min_long(L, g->columns - first));
}

SK_INLINE const float *group_bias(const sk_gemm *g, long panel, int group) {
    return g->bias + (g->gates ? group * g->columns + panel * L : panel * W + group * L);
}

SK_INLINE panel_product product_of(const sk_gemm *g, long panel) {
    panel_product p = {
        .a = g->a, .a_row = g->a_row, .a_k = 1, .a_block = g->a_block,
        .a_block_depth = max_long(1, g->a_block_depth),
        .b = g->b + panel * g->b_panel,
        .c = g->c + panel * g->c_panel, .c_row = g->c_row, .c_group = g->c_group,
        .depth = g->depth, .from_c = g->accumulate, .full = true,
        .precision = g->precision,
    };
    for (int group = 0; group < 4; group++) {
        long valid = valid_lanes(g, panel, group);
        bool biased = g->bias && !g->accumulate && valid > 0;
        p.bias[group] = biased ? load_part(group_bias(g, panel, group), valid) : splat(0);
        p.lanes[group] = g->whole && valid > 0 ? L : valid;
        if (valid == 0) continue;
        p.groups = group + 1;
        p.full = p.full && p.lanes[group] == L;
    }
    return p;
}
