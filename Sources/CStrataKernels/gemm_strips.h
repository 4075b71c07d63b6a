// Products whose A is in strips: weight gradients, with a long depth and a large dense C.
#pragma once
#include "gemm_panel.h"

// Rows of the dense C are often a power of two apart, which makes poor use of caches; so one
// panel's part of a piece is summed in a copy on the stack, unless the piece touches it only once. The
// same rows of A, of a limited depth, stay in the second cache while all panels pass; where all of A
// fits there, and a part of a panel is all of it, each panel is instead read once for all rows.
enum { SHALLOW_SIZE = 1 << 16 };

typedef struct piece { long row, rows, from, depth; } piece;

// With `out`, from the copy to C; otherwise from C to the copy.
SK_INLINE void copy_c(const panel_product *p, float *copy, long rows, const bool out) {
    for (long m = 0; m < rows; m++) {
        for (int g = 0; g < p->groups; g++) {
            float *c = p->c + m * p->c_row + g * p->c_group, *held = copy + m * W + g * L;
            if (out && p->full) store(c, load(held));
            else if (out) store_lanes(c, load(held), p->lanes[g]);
            else if (p->full) store(held, load(c));
            else store(held, load_lanes(c, p->lanes[g]));
        }
    }
}

SK_INLINE void multiply_piece(const sk_gemm *g, piece x, long panel) {
    float c[ROW_BLOCK * W];
    panel_product p = product_of(g, panel);
    p.c += x.row * p.c_row;
    p.from_c = p.from_c || x.from > 0;
    bool copied = x.depth > DEPTH_BLOCK || !p.full;
    if (copied && p.from_c) copy_c(&p, c, x.rows, false);
    panel_product held = {
        .a_row = 1, .a_k = SK_STRIP, .a_block_depth = DEPTH_BLOCK,
        .c_row = copied ? W : p.c_row, .c_group = copied ? L : p.c_group,
        .groups = p.groups, .full = true, .from_c = p.from_c, .precision = p.precision,
        .bias = {p.bias[0], p.bias[1], p.bias[2], p.bias[3]},
    };
    const long part = max_long(1, even_part(x.depth, DEPTH_BLOCK));
    // A depth of zero still has to write the start values.
    for (long from = 0; from == 0 || from < x.depth; from += part) {
        held.depth = held.first = min_long(part, x.depth - from);
        held.b = p.b + (x.from + from) * W;
        for (long m = 0; m < x.rows; m += SK_STRIP) {
            held.a = g->a + (x.row + m) / SK_STRIP * g->a_strip + (x.from + from) * SK_STRIP;
            held.c = (copied ? c : p.c) + m * held.c_row;
            multiply_rows(&held, 0, min_long(SK_STRIP, x.rows - m));
        }
        held.from_c = true;
    }
    if (copied) copy_c(&p, c, x.rows, true);
}

SK_INLINE void multiply_shallow(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    for (long panel = panel_begin; panel < panel_end; panel++) {
        for (long row = row_begin; row < row_end; row += ROW_BLOCK) {
            piece x = {row, min_long(ROW_BLOCK, row_end - row), 0, g->depth};
            multiply_piece(g, x, panel);
        }
    }
}

SK_NOINLINE void gemm_strips(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
    if (g->depth <= DEPTH_BLOCK && (row_end - row_begin) * g->depth <= SHALLOW_SIZE) {
        multiply_shallow(g, row_begin, row_end, panel_begin, panel_end);
        return;
    }
    const long step = max_long(1, even_part(g->depth, DEEP_BLOCK));
    for (long from = 0; from == 0 || from < g->depth; from += step) {
        long depth = min_long(step, g->depth - from);
        for (long row = row_begin; row < row_end; row += ROW_BLOCK) {
            piece x = {row, min_long(ROW_BLOCK, row_end - row), from, depth};
            for (long panel = panel_begin; panel < panel_end; panel++) multiply_piece(g, x, panel);
        }
    }
}
