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

SK_INLINE panel_product product_of(const sk_gemm *g, long panel) {
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
    return p;
}

// Rows that all panels pass before the next rows are touched: their part of A stays in the second
// cache. A multiple of every tile's height.
enum { ROW_BLOCK = 96 };

// The same for a transposed A, whose part is copied.
enum { TRANSPOSED_ROW_BLOCK = 48 };

// Copies A [rows, depth], its rows adjacent in memory, so that tiles read it without long strides.
SK_INLINE void copy_transposed(
    float *copy, const sk_gemm *g, long row, long rows, long from, long depth
) {
    for (long k = 0; k < depth; k++, copy += TRANSPOSED_ROW_BLOCK) {
        long block = (from + k) / g->a_block_depth, inner = (from + k) % g->a_block_depth;
        const float *a = g->a + block * g->a_block + inner * g->a_k + row;
        for (long m = 0; m < rows; m += L) store_lanes(copy + m, load_lanes(a + m, rows - m), rows - m);
    }
}

// A^T B with A [depth, rows] as it is in memory: a weight gradient, with a long depth.
SK_NOINLINE void gemm_transposed(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    float copy[DEPTH_BLOCK * TRANSPOSED_ROW_BLOCK];
    for (long from = 0; from < g->depth; from += DEPTH_BLOCK) {
        long depth = min_long(DEPTH_BLOCK, g->depth - from);
        for (long row = row_begin; row < row_end; row += TRANSPOSED_ROW_BLOCK) {
            long rows = min_long(TRANSPOSED_ROW_BLOCK, row_end - row);
            copy_transposed(copy, g, row, rows, from, depth);
            for (long panel = panel_begin; panel < panel_end; panel++) {
                panel_product p = product_of(g, panel);
                p.a = copy;
                p.a_row = 1;
                p.a_k = TRANSPOSED_ROW_BLOCK;
                p.a_block_depth = depth;
                p.b += from * W;
                p.c += row * p.c_row;
                p.depth = depth;
                p.from_c = p.from_c || from > 0;
                multiply_panel(p, 0, rows);
            }
        }
    }
}

SK_NOINLINE void gemm_plain(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    for (long row = row_begin; row < row_end; row += ROW_BLOCK) {
        long end = min_long(row + ROW_BLOCK, row_end);
        for (long panel = panel_begin; panel < panel_end; panel++) {
            multiply_panel(product_of(g, panel), row, end);
        }
    }
}

static void gemm(const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end) {
    if (row_begin >= row_end) return;
    bool transposed = g->a_row == 1 && g->a_k != 1 && g->depth > 0;
    if (transposed) gemm_transposed(g, row_begin, row_end, panel_begin, panel_end);
    else gemm_plain(g, row_begin, row_end, panel_begin, panel_end);
    if (g->accumulate || (g->activation == SK_IDENTITY && !g->pre)) return;
    for (long panel = panel_begin; panel < panel_end; panel++) {
        panel_product p = product_of(g, panel);
        finish_rows(g, &p, panel, row_begin, row_end);
    }
}
