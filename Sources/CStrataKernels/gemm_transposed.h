// Products whose A is transposed: weight gradients, with a long depth and a large dense C.
#pragma once
#include "strips.h"
#ifdef SK_MATRIX_STEP
#include "matrix_transposed.h"
#endif

// A piece of A is packed into strips that stay in the second cache while all panels pass. Where all of A
// fits there, and a part of a panel is all of it, each panel is instead read once for all rows. Rows of
// the dense C are often a power of two apart, which makes poor use of caches; so one panel's part of a
// block of rows is summed in a copy on the stack, unless it is touched only once.
enum { SHALLOW_SIZE = 1 << 16 };
_Static_assert(
    SK_SCRATCH >= ROW_BLOCK / SK_STRIP * (DEEP_BLOCK * SK_STRIP + STRIP_GAP), "a piece fits");
_Static_assert(SK_SCRATCH >= SHALLOW_SIZE, "all of a shallow A fits");

// A block of rows of a piece whose strips begin at `packed`, by one panel.
SK_INLINE void multiply_piece(const sk_gemm *g, piece x, const float *packed, long panel) {
    float c[ROW_BLOCK * W];
    panel_product p = product_of(g, panel);
    p.c += x.row * p.c_row;
    p.from_c = p.from_c || x.from > 0;
    bool copied = x.depth > DEPTH_BLOCK || !p.full;
    if (copied && p.from_c) copy_c(&p, p.c, c, x.rows, false);
    panel_product held = {
        .a_row = 1, .a_k = SK_STRIP, .a_block_depth = DEPTH_BLOCK,
        .c_row = copied ? W : p.c_row, .c_group = copied ? L : p.c_group,
        .groups = p.groups, .full = true, .from_c = p.from_c, .precision = p.precision,
        .bias = {p.bias[0], p.bias[1], p.bias[2], p.bias[3]},
    };
    const long part = even_part(x.depth, DEPTH_BLOCK);
    for (long from = 0; from < x.depth; from += part) {
        held.depth = held.first = min_long(part, x.depth - from);
        held.b = p.b + (x.from + from) * W;
        for (long m = 0; m < x.rows; m += SK_STRIP) {
            held.a = packed + m / SK_STRIP * strip_size(x.depth) + from * SK_STRIP;
            held.c = (copied ? c : p.c) + m * held.c_row;
            multiply_rows(&held, 0, min_long(SK_STRIP, x.rows - m));
        }
        held.from_c = true;
    }
    if (copied) copy_c(&p, p.c, c, x.rows, true);
}

// All panels by a piece.
SK_INLINE void multiply_panels(const sk_gemm *g, piece x, long panel_begin, long panel_end) {
    pack_piece(g->scratch, g, x);
    for (long panel = panel_begin; panel < panel_end; panel++) {
        for (long m = 0; m < x.rows; m += ROW_BLOCK) {
            piece block = {x.row + m, min_long(ROW_BLOCK, x.rows - m), x.from, x.depth};
            const float *packed = g->scratch + m / SK_STRIP * strip_size(x.depth);
            multiply_piece(g, block, packed, panel);
        }
    }
}

SK_NOINLINE void gemm_transposed(
    const sk_gemm *g, long row_begin, long row_end, long panel_begin, long panel_end
) {
#ifdef SK_MATRIX_STEP
    if (g->precision == SK_BFLOAT16) {
        gemm_matrix_transposed(g, row_begin, row_end, panel_begin, panel_end);
        return;
    }
#endif
    const long rows = row_end - row_begin, strips = (rows + SK_STRIP - 1) / SK_STRIP;
    const bool is_shallow =
        g->depth <= DEPTH_BLOCK && strips * strip_size(g->depth) <= SHALLOW_SIZE;
    const long most = is_shallow ? rows : ROW_BLOCK;
    const long step = even_part(g->depth, DEEP_BLOCK);
    for (long from = 0; from < g->depth; from += step) {
        for (long row = row_begin; row < row_end; row += most) {
            piece x = {row, min_long(most, row_end - row), from, min_long(step, g->depth - from)};
            multiply_panels(g, x, panel_begin, panel_end);
        }
    }
}
