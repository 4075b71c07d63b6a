// The general product over panels.
#pragma once
#include "chain.h"
#include "gemm_transposed.h"
#include "int8_row.h"
#include "row.h"
#include "tile.h"

SK_INLINE bool has_finish(const sk_gemm *g) { return g->chain.count > 0 || g->pre; }

// Applies the chain to rows that were just summed, and keeps what it was applied to.
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
        apply_chain(lanes, 4, &g->chain, (uint32_t)(row * g->columns + panel * W));
        SK_UNROLL for (int group = 0; group < 4; group++) {
            store_lanes(c + group * p->c_group, load(lanes + group * L), p->lanes[group]);
        }
    }
}

// The same for all panels of a product, if there is anything to be done.
SK_NOINLINE void finish_panels(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    for (long panel = panel_begin; has_finish(g) && panel < panel_end; panel++) {
        panel_product p = product_of(g, panel);
        finish_rows(g, &p, panel, row_begin, row_end);
    }
}

// Finishes each block of rows and panel while they are still in a near cache.
SK_NOINLINE void gemm_plain(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    const bool pairs = g->precision == SK_BFLOAT16;
    const long deep = even_part(g->depth, pairs ? PAIRS_DEEP_BLOCK : DEEP_BLOCK);
    const long block = pairs ? PAIRS_ROW_BLOCK : ROW_BLOCK;
    for (long row = row_begin; row < row_end; row += block) {
        long end = min_long(row + block, row_end);
        for (long from = 0; from == 0 || from < g->depth; from += deep) {
            long to = min_long(from + deep, g->depth);
            for (long panel = panel_begin; panel < panel_end; panel++) {
                panel_product p = product_of(g, panel);
                p.from_c = p.from_c || from > 0;
                if (!p.a_block && g->depth > 2 * LONG_BLOCK) p.a_block = p.a_block_depth = LONG_BLOCK;
                multiply_panel(p, from, to, row, end);
                if (to == g->depth && has_finish(g)) finish_rows(g, &p, panel, row, end);
            }
        }
    }
}

// Those of one or two panels from `panel` on.
SK_INLINE two_products two_products_of(const sk_gemm *g, long panel, long panel_end) {
    return (two_products){
        {product_of(g, panel), product_of(g, min_long(panel + 1, panel_end - 1))}};
}

SK_NOINLINE void gemm_row(const sk_gemm *g, long row, long panel_begin, long panel_end) {
    for (long panel = panel_begin; panel < panel_end;) {
        two_products p = two_products_of(g, panel, panel_end);
        panel += multiply_row(p.of, row, panel_end - panel);
    }
    finish_panels(g, row, row + 1, panel_begin, panel_end);
}

SK_NOINLINE void gemm_bytes(const sk_gemm *g, long row, long panel_begin, long panel_end) {
    for (long k = 0; k < g->depth; k += BYTE_BLOCK) {
        short_block block;
        quantise_block(&block, g->a + row * g->a_row, k, g->depth);
        for (long panel = panel_begin; panel < panel_end;) {
            two_products p = two_products_of(g, panel, panel_end);
            panel += multiply_bytes(p.of, row, &block, panel_end - panel);
        }
    }
    finish_panels(g, row, row + 1, panel_begin, panel_end);
}

static void gemm(const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end) {
    if (row_begin >= row_end) return;
    if (g->a_rows) gemm_transposed(g, row_begin, row_end, panel_begin, panel_end);
    else if (has_bytes(g->precision, g->depth)) gemm_bytes(g, row_begin, panel_begin, panel_end);
    else if (row_end - row_begin == 1) gemm_row(g, row_begin, panel_begin, panel_end);
    else gemm_plain(g, row_begin, row_end, panel_begin, panel_end);
}
