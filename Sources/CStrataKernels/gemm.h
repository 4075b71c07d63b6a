// The general product over panels.
#pragma once
#include "activation.h"
#include "tile.h"

// Valid lanes of one group of a panel.
SK_INLINE long valid_lanes(const sk_gemm *g, long panel, int group) {
    long first = g->gates ? panel * L : panel * W + group * L;
    return max_long(0, min_long(L, g->columns - first));
}

SK_INLINE const float *group_bias(const sk_gemm *g, long panel, int group) {
    return g->bias + (g->gates ? group * g->columns + panel * L : panel * W + group * L);
}

// Applies the activation to rows that were just summed, and keeps what it was applied to.
SK_NOINLINE void finish_rows(
    const sk_gemm *g, const panel_product *p, long panel, long row_begin, long row_end
) {
    for (long row = row_begin; row < row_end; row++) {
        float *c = p->c + row * p->c_row;
        float *pre = g->pre ? g->pre + panel * g->c_panel + row * p->c_row : NULL;
        float lanes[4 * SK_LANES];
        SK_UNROLL for (int group = 0; group < 4; group++) {
            vf x = load_lanes(c + group * p->c_group, p->lanes[group]);
            if (pre) store_lanes(pre + group * p->c_group, x, p->lanes[group]);
            store(lanes + group * L, x);
        }
        activate_vectors(lanes, 4, g->activation);
        SK_UNROLL for (int group = 0; group < 4; group++) {
            store_lanes(c + group * p->c_group, load(lanes + group * L), p->lanes[group]);
        }
    }
}

static void gemm(const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end) {
    if (row_begin >= row_end) return;
    for (long panel = panel_begin; panel < panel_end; panel++) {
        panel_product p = {
            .a = g->a, .a_row = g->a_row, .a_k = g->a_k, .a_block = g->a_block,
            .a_block_depth = max_long(1, g->a_block_depth),
            .b = g->b + panel * g->b_panel,
            .c = g->c + panel * g->c_panel, .c_row = g->c_row, .c_group = g->c_group,
            .depth = g->depth, .from_c = g->accumulate, .full = true,
        };
        for (int group = 0; group < 4; group++) {
            long valid = valid_lanes(g, panel, group);
            bool biased = g->bias && !g->accumulate && valid > 0;
            p.bias[group] = biased ? load_part(group_bias(g, panel, group), valid) : splat(0);
            p.lanes[group] = g->whole && valid > 0 ? L : valid;
            p.full = p.full && p.lanes[group] == L;
        }
        multiply_panel(p, row_begin, row_end);
        if (!g->accumulate && (g->activation != SK_IDENTITY || g->pre)) {
            finish_rows(g, &p, panel, row_begin, row_end);
        }
    }
}
